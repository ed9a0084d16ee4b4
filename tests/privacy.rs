//! No secret and no personal data leaves the program in a metric, and nothing else is taken for it.

#[path = "privacy/everywhere.rs"]
mod everywhere;
#[path = "privacy/organisation.rs"]
mod organisation;
#[path = "privacy/servers.rs"]
mod servers;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{Counter, Gauge, LabelSet, MetricSet, Registry, series};
use support::exposition::Samples;

fn text<S: MetricSet>() -> String {
    let registry = Registry::new();
    registry.register::<S>().expect("names differ");
    encode(&registry, Format::Text).expect("no scrape-time functions")
}

fn masked(text: &str, metric: &str) -> Option<f64> {
    let series = format!("datapunk_metrics_masked_values_total{{metric=\"{metric}\"}}");
    Samples::read(text).get(&series)
}

#[derive(Clone, Copy, LabelSet)]
struct TargetLabels<'a> {
    #[label(max = 3)]
    target: &'a str,
    queue: &'a str,
}

#[derive(MetricSet)]
#[metrics(namespace = "masked")]
struct MaskedMetrics {
    /// Calls, by target and queue.
    calls_made_total: Counter<TargetLabels<'static>>,
    /// Calls under way.
    calls_open_current: Gauge<TargetLabels<'static>>,
}

#[test]
fn values_are_masked_before_they_are_kept_and_counted() {
    const MASKED: MaskedMetrics = MaskedMetrics::METRICS;
    let before = text::<MaskedMetrics>();
    assert_eq!(masked(&before, "masked_calls_made_total"), Some(0.0));
    let secrets = [
        "postgres://app:hunter2@db/orders",
        "postgres://app:hunter3@db/orders",
    ];
    for secret in secrets {
        let labels = TargetLabels {
            target: secret,
            queue: "jane@example.com",
        };
        MASKED.calls_made_total.with(labels).inc();
        MASKED.calls_made_total.with(labels).inc();
        MASKED.calls_open_current.with(labels).set(1);
    }
    series!(
        MASKED.calls_made_total,
        TargetLabels {
            target: "token=abc123",
            queue: "q"
        }
    )
    .inc();
    let after = text::<MaskedMetrics>();
    // Two secrets that differ only in what is masked are one series, and take one place of the bound.
    let line = "masked_calls_made_total{target=\"postgres://[REDACTED]@db/orders\",queue=\"[REDACTED]\"} 4\n";
    assert!(after.contains(line), "{after}");
    assert!(after.contains("{target=\"token=[REDACTED]\",queue=\"q\"} 1\n"));
    assert_eq!(masked(&after, "masked_calls_made_total"), Some(9.0));
    assert_eq!(masked(&after, "masked_calls_open_current"), Some(4.0));
    for secret in ["hunter", "jane", "abc123"] {
        assert!(!after.contains(secret), "{secret}: {after}");
        assert!(!format!("{:?}", MASKED.calls_made_total).contains(secret));
    }
}
