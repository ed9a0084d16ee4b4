//! Metrics that were renamed, and metrics that go.

use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Outcome, Ratio, Registry,
    Seconds, State, StateValue,
};
use support::exposition::Samples;
use support::judge;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    outcome: Outcome,
}

#[derive(Clone, Copy, LabelValue, StateValue)]
enum Door {
    Open = 0,
    Shut = 1,
}

fn height() -> f64 {
    4.5
}

#[derive(MetricSet)]
#[metrics(namespace = "renamed")]
struct Renamed {
    /// Requests.
    #[metric(renamed_from = "former_requests_total", until = "9.0.0")]
    requests_total: Counter<RequestLabels>,
    /// Time of a request.
    #[metric(buckets = [0.1, 1.0], renamed_from = "former_time_seconds", until = "9.0.0")]
    time_seconds: Histogram<Seconds>,
    /// Guests.
    #[metric(renamed_from = "former_guests_current", until = "9.0.0")]
    guests_current: Gauge,
    /// Height.
    #[metric(read = height, renamed_from = "former_height_meters", until = "9.0.0")]
    height_meters: Gauge<(), f64>,
    /// Share of requests that went well.
    #[metric(ratio_of = requests_total, numerator(outcome = Ok), renamed_from = "former_ok_ratio", until = "9.0.0")]
    ok_ratio: Ratio,
    /// The door.
    #[metric(initial = Shut, renamed_from = "former_door_state", until = "9.0.0")]
    door_state: State<Door>,
    /// The build.
    #[metric(
        labels(version = "1"),
        renamed_from = "former_build_info",
        until = "9.0.0"
    )]
    build_info: Info,
    /// What nobody looks at.
    #[metric(deprecated = "look elsewhere", until = "9.0.0")]
    unseen_things_total: Counter,
}

fn registry_of<S: MetricSet>() -> Registry {
    let registry = Registry::new();
    registry.register::<S>().expect("one set does not clash");
    registry
}

#[test]
fn both_names_have_the_same_series_and_values() {
    let metrics = Renamed::METRICS;
    let ok = RequestLabels {
        outcome: Outcome::Ok,
    };
    let registry = registry_of::<Renamed>();
    let before = encode(&registry, Format::Text).expect("nothing panics");
    assert!(
        !before.contains("\nformer_guests_current "),
        "absent under both names"
    );
    metrics.requests_total.with(ok).add(3);
    metrics.time_seconds.observe(Duration::from_millis(500));
    metrics.guests_current.set(7);
    metrics.door_state.set(Door::Open);
    let text = encode(&registry, Format::Text).expect("nothing panics");
    let samples = Samples::read(&text);
    for (series, value) in [
        ("requests_total{outcome=\"ok\"}", 3.0),
        ("requests_total{outcome=\"error\"}", 0.0),
        ("time_seconds_bucket{le=\"1\"}", 1.0),
        ("time_seconds_sum", 0.5),
        ("guests_current", 7.0),
        ("height_meters", 4.5),
        ("ok_ratio", 1.0),
        ("door_state", 0.0),
        ("build_info{version=\"1\"}", 1.0),
    ] {
        for name in ["renamed", "former"] {
            let series = format!("{name}_{series}");
            assert_eq!(samples.get(&series), Some(value), "{series}");
        }
    }
    assert!(text.contains(
        "# HELP former_requests_total Requests. Deprecated: renamed to `renamed_requests_total`; gone from version \
         9.0.0 on.\n# TYPE former_requests_total counter\n"
    ));
    assert!(text.contains("# HELP renamed_requests_total Requests.\n"));
    assert!(text.contains(
        "# HELP renamed_unseen_things_total What nobody looks at. Deprecated: look elsewhere; gone from version 9.0.0 \
         on.\n"
    ));
    // The samples that are refused or clamped are those of one metric.
    assert!(
        text.contains("datapunk_metrics_clamped_samples_total{metric=\"renamed_time_seconds\"} 0")
    );
    assert!(!text.contains("metric=\"former_"));
    assert_eq!(judge::promtool(text.as_bytes()), Ok(()));
    let open_metrics = encode(&registry, Format::OpenMetrics).expect("nothing panics");
    assert_eq!(judge::strict_parser(open_metrics.as_bytes()), Ok(()));
}

#[test]
fn a_former_name_is_taken() {
    #[derive(MetricSet)]
    struct Late {
        /// Requests by a name that another set still has.
        #[metric(allow(duplicate, reason = "it is what is tested"))]
        former_visits_total: Counter,
    }
    #[derive(MetricSet)]
    struct Early {
        /// Visits.
        #[metric(
            renamed_from = "former_visits_total",
            until = "9.0.0",
            allow(duplicate, reason = "it is what is tested")
        )]
        early_visits_total: Counter,
    }
    let registry = registry_of::<Early>();
    let error = registry.register::<Late>().expect_err("the name is taken");
    assert!(
        error
            .to_string()
            .starts_with("metric `former_visits_total` is declared twice\n"),
        "{error}"
    );
}
