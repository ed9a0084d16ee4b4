//! Metrics of other crates on our endpoint, and ours on theirs, to all four judges.

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::prometheus_client::{RegistryCollector, attach};
use datapunk_metrics::recorder::Recorder;
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, Info, LabelSet, MetricSet, Outcome, Ratio, Registry, Seconds,
    serve,
};
use prometheus_client::encoding::{prometheus_text, text};
use prometheus_client::metrics::counter::Counter as TheirCounter;
use prometheus_client::metrics::exemplar::HistogramWithExemplars;
use prometheus_client::metrics::family::Family;
use prometheus_client::registry::{Registry as Existing, Unit};
use support::judge;
use support::server::{Prometheus, Pushgateway};

#[derive(Clone, Copy, LabelSet)]
struct CallLabels {
    outcome: Outcome,
}

/// Metrics of a harbour.
#[derive(MetricSet)]
#[metrics(namespace = "harbour")]
struct HarbourMetrics {
    /// Ships that came in, by outcome.
    ships_total: Counter<CallLabels>,
    /// Ships at the quay.
    #[metric(initial = 0)]
    ships_current: Gauge,
    /// Time taken by a ship.
    ship_duration_seconds: Histogram<Seconds, CallLabels>,
    /// Size of a manifest.
    #[metric(buckets = [1024, 1048576])]
    manifest_size_bytes: Histogram<Bytes>,
    /// Share of ships that came in well.
    #[metric(ratio_of = ships_total, numerator(outcome = Ok))]
    ship_success_ratio: Ratio,
    /// The build.
    #[metric(labels(version = "1.0"))]
    build_info: Info,
}
const HARBOUR: HarbourMetrics = HarbourMetrics::METRICS;

fn harbour() -> Registry {
    let registry = Registry::new();
    registry
        .register::<HarbourMetrics>()
        .expect("one set does not clash");
    let labels = CallLabels {
        outcome: Outcome::Ok,
    };
    HARBOUR.ships_total.with(labels).add(3);
    HARBOUR
        .ship_duration_seconds
        .with(labels)
        .observe(Duration::from_millis(20));
    HARBOUR.manifest_size_bytes.observe(2048_usize);
    registry
}

/// A registry of the other crate, with what is right and what is wrong.
fn existing() -> Existing {
    let mut existing = Existing::default();
    let crates: Family<Vec<(String, String)>, TheirCounter> = Family::default();
    let labels = vec![("crane".to_owned(), "a \"b\"\\c\nd".to_owned())];
    crates.get_or_create(&labels).inc_by(7);
    existing.register("crane_lifts", "Lifts, by crane", crates);
    let time = HistogramWithExemplars::new([0.5, 1.0].into_iter());
    time.observe(0.7, Some(vec![("trace_id", "4bf92f3577b34da6")]), None);
    existing.register_with_unit("crane_lift", "Time of a lift", Unit::Seconds, time);
    // Each of these alone breaks an exposition.
    existing.register("bad name!", "A bad name", TheirCounter::<u64>::default());
    existing.register("harbour_ships", "Ours", TheirCounter::<u64>::default());
    existing.register("twice", "Twice", TheirCounter::<u64>::default());
    existing.register("twice", "Twice", TheirCounter::<u64>::default());
    existing
}

/// Serves `registry` on a free port, in a thread of its own, until the test process ends.
fn serve_forever(registry: Arc<Registry>) -> String {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    listener
        .set_nonblocking(true)
        .expect("tokio takes sockets that do not block");
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            let router: axum::Router = serve::router_with(registry);
            axum::serve(listener, router)
                .await
                .expect("the server runs");
        });
    });
    address.to_string()
}

/// Holds an exposition in both formats to the judges that read a body.
fn judge_bodies(registry: &Registry, job: &str) -> String {
    let text = encode(registry, Format::Text).expect("no readers");
    let open_metrics = encode(registry, Format::OpenMetrics).expect("no readers");
    assert_eq!(judge::strict_parser(open_metrics.as_bytes()), Ok(()));
    assert_eq!(judge::promtool(text.as_bytes()), Ok(()));
    assert_eq!(
        judge::push(&Pushgateway::start(), job, text.as_bytes()),
        Ok(())
    );
    text
}

/// How many lines of `text` are `line`.
fn times(text: &str, line: &str) -> usize {
    text.lines().filter(|found| *found == line).count()
}

#[test]
fn their_registry_on_our_endpoint_passes_all_four_judges() {
    let registry = harbour();
    let left_out = attach(&registry, Arc::new(existing()));
    assert_eq!(left_out.len(), 3, "{left_out:?}");
    let text = judge_bodies(&registry, "attached");
    for line in [
        r#"crane_lifts_total{crane="a \"b\"\\c\nd"} 7"#,
        "crane_lift_seconds_bucket{le=\"1\"} 1",
        "harbour_ships_total{outcome=\"ok\"} 3",
        "twice_total 0",
    ] {
        assert_eq!(times(&text, line), 1, "`{line}` in\n{text}");
    }

    let target = serve_forever(Arc::new(registry));
    let mut prometheus = Prometheus::scraping(std::slice::from_ref(&target));
    assert_eq!(judge::scrape(&mut prometheus, &target), Ok(()));
    let found = support::wait::until("the samples", Duration::from_secs(20), || {
        let found = prometheus.query("crane_lifts_total")?;
        (found.len() == 1)
            .then(|| found.clone())
            .ok_or_else(|| format!("{found:?}"))
    });
    assert_eq!(found[0].0["crane"], "a \"b\"\\c\nd");
    assert!((found[0].1 - 7.0).abs() < f64::EPSILON);
}

#[test]
fn our_set_in_their_text_passes_the_judges_of_either_format() {
    let mut existing = Existing::default();
    existing.register_collector(Box::new(RegistryCollector::new(harbour())));
    let (mut open_metrics, mut prometheus) = (String::new(), String::new());
    text::encode(&mut open_metrics, &existing).expect("no readers");
    prometheus_text::encode(&mut prometheus, &existing).expect("no readers");
    assert_eq!(judge::strict_parser(open_metrics.as_bytes()), Ok(()));
    assert_eq!(judge::promtool(prometheus.as_bytes()), Ok(()));
    let gateway = Pushgateway::start();
    assert_eq!(
        judge::push(&gateway, "theirs", prometheus.as_bytes()),
        Ok(())
    );
    for text in [&open_metrics, &prometheus] {
        for line in [
            "harbour_ships_total{outcome=\"error\"} 0",
            "harbour_manifest_size_bytes_count 1",
            "harbour_build_info{version=\"1.0\"} 1",
        ] {
            assert_eq!(times(text, line), 1, "`{line}` in\n{text}");
        }
    }
}

#[test]
fn the_facades_metrics_on_our_endpoint_pass_all_four_judges() {
    let recorder = Recorder::builder()
        .max_series(3)
        .build()
        .expect("no buckets");
    metrics::with_local_recorder(&recorder, || {
        metrics::describe_counter!("db.queries", metrics::Unit::Count, "Queries \"sent\".");
        metrics::describe_histogram!(
            "db_query_seconds",
            metrics::Unit::Seconds,
            "Time of a query."
        );
        for table in ["a \"b\"\\c\nd", "users", "orders", "invoices", "taxes"] {
            metrics::counter!("db.queries", "db.table" => table, "user_id" => "17").increment(2);
        }
        metrics::gauge!("db.connections", "instance" => "7").set(-2.5);
        metrics::histogram!("db_query_seconds").record(0.02);
        // Each of these alone breaks an exposition.
        metrics::counter!("harbour_ships_total", "outcome" => "ok").increment(1);
        metrics::gauge!("db.queries").set(1.0);
        metrics::histogram!("db_query_seconds", "le" => "7").record(f64::NAN);
    });
    let registry = harbour();
    let left_out = recorder.attach(&registry);
    assert_eq!(left_out.len(), 1, "{left_out:?}");
    let text = judge_bodies(&registry, "facade");
    for line in [
        r#"db_queries_total{db_table="a \"b\"\\c\nd"} 2"#,
        "db_queries_total{db_table=\"other\"} 4",
        "db_connections{exported_instance=\"7\"} -2.5",
        "db_query_seconds_bucket{le=\"0.05\"} 1",
        "harbour_ships_total{outcome=\"ok\"} 3",
        "datapunk_metrics_folded_samples_total{metric=\"db_queries_total\"} 2",
    ] {
        assert_eq!(times(&text, line), 1, "`{line}` in\n{text}");
    }

    let target = serve_forever(Arc::new(registry));
    let mut prometheus = Prometheus::scraping(std::slice::from_ref(&target));
    assert_eq!(judge::scrape(&mut prometheus, &target), Ok(()));
}
