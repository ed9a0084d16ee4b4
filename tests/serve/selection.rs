//! What a scrape shows of the metrics that no set declares: those of an attached registry and of the facade `metrics`.

use std::sync::{Arc, Mutex};

use datapunk_metrics::Registry;
use datapunk_metrics::prometheus_client::{RegistryCollector, attach};
use datapunk_metrics::recorder::Recorder;
use datapunk_metrics::serve::Server;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry as Existing;

use crate::fixture::{Files, Served, registry, sha256};

/// The registry of the tests with two others attached, one of which shows ours in turn.
fn with_others() -> Arc<Registry> {
    let registry = Arc::new(registry());
    let mut existing = Existing::default();
    existing.register("theirs_lifts", "Lifts", Counter::<u64>::default());
    let time = Histogram::new([0.5, 1.0]);
    existing.register("theirs_lift_seconds", "Time of a lift", time);
    // One family with ours, in whatever part of ours is shown.
    existing.register("hidden_coins_lost", "Ours", Counter::<u64>::default());
    let ours = RegistryCollector::new(Arc::clone(&registry));
    existing.register_collector(Box::new(ours));
    let left_out = attach(&registry, Arc::new(Mutex::new(existing)));
    assert_eq!(left_out.len(), 1, "{left_out:?}");

    let recorder = Recorder::builder().build().expect("no buckets");
    metrics::with_local_recorder(&recorder, || {
        metrics::counter!("facade.queries", "table" => "users").increment(3);
        metrics::histogram!("facade_wait_seconds").record(0.2);
    });
    assert!(recorder.attach(&registry).is_empty());
    registry
}

/// The names of the families in a page of text, but those that the toolkit has of itself.
fn families(page: &str) -> Vec<&str> {
    page.lines()
        .filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next())
        .filter(|name| !name.starts_with("datapunk_metrics_"))
        .collect()
}

const OPEN_METRICS: (&str, &str) = ("accept", "application/openmetrics-text;version=1.0.0");

#[test]
fn a_filter_shows_of_the_metrics_of_others_those_that_it_names() {
    let served = Served::start(Server::builder().registry(with_others()));
    for (query, shown) in [
        (
            "",
            &[
                "facade_queries_total",
                "facade_wait_seconds",
                "hidden_coins_lost_total",
                "served_cups_filled_total",
                "theirs_lift_seconds",
                "theirs_lifts_total",
            ][..],
        ),
        ("?name[]=theirs_lifts_total", &["theirs_lifts_total"]),
        ("?name[]=theirs_lifts", &["theirs_lifts_total"]),
        (
            "?name[]=theirs_lift_seconds_bucket",
            &["theirs_lift_seconds"],
        ),
        (
            "?name[]=facade_queries_total&name[]=served_cups_filled_total",
            &["facade_queries_total", "served_cups_filled_total"],
        ),
        // By the name that it was recorded under it has no samples.
        ("?name[]=facade.queries", &[]),
        ("?name[]=hidden_coins_lost", &["hidden_coins_lost_total"]),
        ("?name[]=nothing", &[]),
        ("?name[]=", &[]),
        ("?set[]=ServedMetrics", &["served_cups_filled_total"]),
        ("?set[]=ServedMetrics&name[]=theirs_lifts_total", &[]),
        ("?set[]=Nothing", &[]),
        ("?set[]=", &[]),
    ] {
        let page = served.get(&format!("/metrics{query}"));
        assert_eq!(page.status, 200);
        assert_eq!(families(&page.body), shown, "{query}: {}", page.body);
        // What others have counts about itself only where it is shown.
        let counts = page.body.contains("{metric=\"facade_queries_total\"}");
        assert_eq!(counts, shown.contains(&"facade_queries_total"), "{query}");
        // In another format as well.
        let page = served.ask("GET", &format!("/metrics{query}"), &[OPEN_METRICS]);
        for name in ["facade_", "theirs_"] {
            let is_shown = shown.iter().any(|family| family.starts_with(name));
            assert_eq!(page.body.contains(name), is_shown, "{query}: {}", page.body);
        }
    }
}

#[test]
fn who_sees_some_sets_sees_nothing_of_others() {
    let files = Files::new();
    let access = format!(
        "tokens:\n- {{principal: all, sha256: {}}}\n- {{principal: some, sha256: {}}}\n- {{principal: none, sha256: {}}}\n\
         principals:\n  all:\n  some: {{sets: [ServedMetrics]}}\n  none: {{sets: []}}\n",
        sha256("all"),
        sha256("some"),
        sha256("none")
    );
    let registry = with_others();
    let served = Served::start(files.builder("", &access).registry(Arc::clone(&registry)));
    let page = |token: &str, query: &str, accept: (&str, &str)| {
        let authorization = format!("Bearer {token}");
        let headers = [("authorization", authorization.as_str()), accept];
        let page = served.ask("GET", &format!("/metrics{query}"), &headers);
        assert_eq!(page.status, 200, "{token}{query}");
        page.body
    };
    let text = ("accept", "text/plain");
    let all = page("all", "", text);
    assert!(all.contains("theirs_lifts_total") && all.contains("facade_queries_total"));
    for accept in [text, OPEN_METRICS] {
        for query in [
            "",
            "?name[]=theirs_lifts_total",
            "?name[]=facade_queries_total&name[]=hidden_coins_lost_total",
            "?set[]=HiddenMetrics",
            "?set[]=ServedMetrics",
            "?name[]=served_cups_filled_total&name[]=theirs_lifts_total",
        ] {
            for token in ["some", "none"] {
                let page = page(token, query, accept);
                for name in ["theirs", "facade", "hidden"] {
                    assert!(!page.contains(name), "{token}{query}: {page}");
                }
            }
        }
    }
    assert_eq!(
        families(&page("some", "", text)),
        ["served_cups_filled_total"]
    );
    assert_eq!(page("none", "", text), "");
}
