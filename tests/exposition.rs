//! What is written: byte for byte, and by the judgement of all four judges on one set with every kind of metric.

use std::net::Ipv4Addr;
use std::time::Duration;

use datapunk_metrics::encode::{Format, encode};
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Outcome, Ratio,
    Registry, Seconds, State, StateValue, register, registry, serve,
};
use support::server::{Prometheus, Pushgateway};
use support::{http, judge};

#[derive(Clone, Copy, LabelSet)]
struct JobLabels {
    outcome: Outcome,
}

#[derive(Clone, Copy, StateValue)]
enum Breaker {
    Open = 0,
    Closed = 2,
}

/// Every kind of metric.
#[derive(MetricSet)]
#[metrics(namespace = "every")]
struct EveryKind {
    /// Jobs done, by outcome.
    jobs_total: Counter<JobLabels>,
    /// Jobs waiting.
    jobs_waiting_current: Gauge,
    /// Time taken by a job.
    #[metric(buckets = [0.5, 1, 2.5])]
    job_duration_seconds: Histogram<Seconds>,
    /// Size of a job.
    #[metric(buckets = [1024, 1048576])]
    job_size_bytes: Histogram<Bytes>,
    /// Share of jobs that went well.
    #[metric(ratio_of = jobs_total, numerator(outcome = Ok))]
    job_success_ratio: Ratio,
    /// Circuit breaker: 0 open, 2 closed.
    #[metric(initial = Closed)]
    circuit_breaker_state: State<Breaker>,
    /// Build facts.
    #[metric(labels(version = "1.0"))]
    build_info: Info,
}

#[test]
fn both_formats_byte_for_byte() {
    let registry = Registry::new();
    registry
        .register::<EveryKind>()
        .expect("one set does not clash");
    let metrics = EveryKind::METRICS;
    metrics
        .jobs_total
        .with(JobLabels {
            outcome: Outcome::Ok,
        })
        .add(3);
    metrics
        .jobs_total
        .with(JobLabels {
            outcome: Outcome::Error,
        })
        .inc();
    metrics
        .job_duration_seconds
        .observe(Duration::from_millis(750));
    metrics.job_duration_seconds.observe(Duration::from_secs(3));
    metrics.job_size_bytes.observe(1024_usize);
    metrics.circuit_breaker_state.set(Breaker::Open);

    let text = encode(&registry, Format::Text).expect("no readers");
    let own = text.find("# HELP every_").map(|at| &text[at..]);
    assert_eq!(
        own,
        Some(
            "# HELP every_build_info Build facts.\n\
             # TYPE every_build_info gauge\n\
             every_build_info{version=\"1.0\"} 1\n\
             # HELP every_circuit_breaker_state Circuit breaker: 0 open, 2 closed.\n\
             # TYPE every_circuit_breaker_state gauge\n\
             every_circuit_breaker_state 0\n\
             # HELP every_job_duration_seconds Time taken by a job.\n\
             # TYPE every_job_duration_seconds histogram\n\
             every_job_duration_seconds_bucket{le=\"0.5\"} 0\n\
             every_job_duration_seconds_bucket{le=\"1\"} 1\n\
             every_job_duration_seconds_bucket{le=\"2.5\"} 1\n\
             every_job_duration_seconds_bucket{le=\"+Inf\"} 2\n\
             every_job_duration_seconds_sum 3.75\n\
             every_job_duration_seconds_count 2\n\
             # HELP every_job_size_bytes Size of a job.\n\
             # TYPE every_job_size_bytes histogram\n\
             every_job_size_bytes_bucket{le=\"1024\"} 1\n\
             every_job_size_bytes_bucket{le=\"1.048576e+06\"} 1\n\
             every_job_size_bytes_bucket{le=\"+Inf\"} 1\n\
             every_job_size_bytes_sum 1024\n\
             every_job_size_bytes_count 1\n\
             # HELP every_job_success_ratio Share of jobs that went well.\n\
             # TYPE every_job_success_ratio gauge\n\
             every_job_success_ratio 0.75\n\
             # HELP every_jobs_total Jobs done, by outcome.\n\
             # TYPE every_jobs_total counter\n\
             every_jobs_total{outcome=\"ok\"} 3\n\
             every_jobs_total{outcome=\"error\"} 1\n\
             every_jobs_total{outcome=\"panicked\"} 0\n\
             every_jobs_total{outcome=\"cancelled\"} 0\n\
             # HELP every_jobs_waiting_current Jobs waiting.\n\
             # TYPE every_jobs_waiting_current gauge\n"
        )
    );

    let open_metrics = encode(&registry, Format::OpenMetrics).expect("no readers");
    for part in [
        "# TYPE every_build info\nevery_build_info{version=\"1.0\"} 1\n",
        "# TYPE every_job_duration_seconds histogram\n# UNIT every_job_duration_seconds seconds\n",
        "every_job_duration_seconds_bucket{le=\"1.0\"} 1\n",
        "# HELP every_jobs Jobs done, by outcome.\n# TYPE every_jobs counter\nevery_jobs_total{outcome=\"ok\"} 3\n",
        "# TYPE every_job_success_ratio gauge\n",
    ] {
        assert!(
            open_metrics.contains(part),
            "{part}is not in\n{open_metrics}"
        );
    }
    assert!(open_metrics.ends_with("\n# EOF\n"));
}

/// Serves `registry` on a free port, in a thread of its own, until the test process ends.
fn serve_forever(registry: Registry) -> String {
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

/// Label values that end lines and quotes, or that terminals and parsers trip over.
const NASTY: &[(&str, &str)] = &[
    ("back\\slash", r"back\\slash"),
    ("quo\"te", r#"quo\"te"#),
    ("new\nline", r"new\nline"),
    ("literal \\n", r"literal \\n"),
    ("nul\0", "nul\0"),
    ("esc\u{1b}[31m", "esc\u{1b}[31m"),
    ("line\u{2028}separator", "line\u{2028}separator"),
    ("crab 🦀", "crab 🦀"),
];

/// One of [`NASTY`], by its position. The derive refuses control characters in values, so this is written by hand.
#[derive(Clone, Copy)]
struct Nasty(usize);

impl LabelValue for Nasty {
    const VALUES: &'static [&'static str] = &{
        let mut values = [""; NASTY.len()];
        let mut at = 0;
        while at < NASTY.len() {
            values[at] = NASTY[at].0;
            at += 1;
        }
        values
    };

    fn index(self) -> usize {
        self.0
    }
}

#[derive(Clone, Copy, LabelSet)]
struct NastyLabels {
    value: Nasty,
}

/// Help with a \ and a " in it.
#[derive(MetricSet)]
#[metrics(namespace = "nasty")]
struct NastyMetrics {
    /// Values with a \ and a " in their help.
    values_total: Counter<NastyLabels>,
}

#[test]
fn label_values_are_escaped_byte_for_byte_and_the_judges_read_them() {
    let registry = Registry::new();
    registry
        .register::<NastyMetrics>()
        .expect("one set does not clash");
    NastyMetrics::METRICS
        .values_total
        .with(NastyLabels { value: Nasty(2) })
        .inc();

    let text = encode(&registry, Format::Text).expect("no readers");
    let open_metrics = encode(&registry, Format::OpenMetrics).expect("no readers");
    for (_, escaped) in NASTY {
        let count = u8::from(*escaped == r"new\nline");
        let line = format!("nasty_values_total{{value=\"{escaped}\"}} {count}\n");
        assert!(text.contains(&line), "{line}is not in\n{text}");
        assert!(
            open_metrics.contains(&line),
            "{line}is not in\n{open_metrics}"
        );
    }
    assert!(
        text.contains("# HELP nasty_values_total Values with a \\\\ and a \" in their help.\n"),
        "{text}"
    );
    assert_eq!(judge::promtool(text.as_bytes()), Ok(()));
    assert_eq!(judge::strict_parser(open_metrics.as_bytes()), Ok(()));
    assert_eq!(
        judge::push(&Pushgateway::start(), "nasty", text.as_bytes()),
        Ok(())
    );

    // Prometheus has read the values back as they were.
    let target = serve_forever(registry);
    let mut prometheus = Prometheus::scraping(std::slice::from_ref(&target));
    assert_eq!(judge::scrape(&mut prometheus, &target), Ok(()));
    let found = support::wait::until("the samples", Duration::from_secs(10), || {
        let found = prometheus.query("nasty_values_total")?;
        if found.len() == NASTY.len() {
            Ok(found)
        } else {
            Err(format!("{found:?}"))
        }
    });
    for (raw, _) in NASTY {
        assert!(
            found.iter().any(|(labels, _)| labels["value"] == *raw),
            "{raw:?} is not in {found:?}"
        );
    }
}

#[test]
fn the_registry_of_the_program_has_every_linked_set() {
    let registry = registry().expect("the sets of this file do not clash");
    let linked = registry.sets();
    let mut sets: Vec<&str> = linked
        .iter()
        // The toolkit's own depend on the features that the build has.
        .filter(|set| !set.location.module.starts_with("datapunk_metrics::"))
        .map(|set| set.name)
        .collect();
    sets.sort_unstable();
    // The last one is that of the crate `support`, which this file names.
    assert_eq!(sets, ["EveryKind", "NastyMetrics", "SharedMetrics"]);
    register::<EveryKind>().expect("a set that is there already");
    assert_eq!(registry.sets().len(), linked.len());
    assert_eq!(registry.self_check(&["exposition"]), []);
    let problems = registry.self_check(&["exposition", "lost-crate"]);
    assert_eq!(problems.len(), 1);
    assert!(problems[0].to_string().contains("`lost_crate`"));
}

#[test]
fn a_scraper_gets_the_format_that_it_asks_for() {
    let registry = Registry::new();
    registry
        .register::<EveryKind>()
        .expect("one set does not clash");
    let url = format!("http://{}/metrics", serve_forever(registry));
    for (accept, content_type) in [
        ("*/*", judge::TEXT),
        ("text/plain", judge::TEXT),
        ("text/plain;version=0.0.4", judge::TEXT),
        ("text/html,application/xhtml+xml,*/*;q=0.8", judge::TEXT),
        ("application/json", judge::TEXT),
        ("application/openmetrics-text", judge::OPEN_METRICS),
        (
            "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.4",
            judge::OPEN_METRICS,
        ),
        (
            "application/openmetrics-text;version=1.0.0;q=0.4,text/plain;q=0.5",
            judge::TEXT,
        ),
        ("application/openmetrics-text;q=0,text/plain", judge::TEXT),
    ] {
        let answer = http::get_as(&url, accept).expect("the endpoint answers");
        assert_eq!(
            (answer.status, answer.content_type.as_str()),
            (200, content_type),
            "{accept}"
        );
        let ends = answer.body.ends_with("\n# EOF\n");
        assert_eq!(ends, content_type == judge::OPEN_METRICS, "{accept}");
    }
}

#[test]
fn every_kind_of_metric_passes_all_four_judges_in_both_formats() {
    let registry = Registry::new();
    registry
        .register::<EveryKind>()
        .expect("one set does not clash");
    let target = serve_forever(registry);
    let url = format!("http://{target}/metrics");

    let text = http::get_as(&url, "text/plain;version=0.0.4").expect("the endpoint answers");
    assert_eq!(
        (text.status, text.content_type.as_str()),
        (200, judge::TEXT)
    );
    assert_eq!(judge::promtool(text.body.as_bytes()), Ok(()));
    assert_eq!(
        judge::push(&Pushgateway::start(), "every", text.body.as_bytes()),
        Ok(())
    );

    // What Prometheus 2.42 sends.
    let accept = "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;q=0.75,\
                  text/plain;version=0.0.4;q=0.5,*/*;q=0.1";
    let open_metrics = http::get_as(&url, accept).expect("the endpoint answers");
    assert_eq!(
        (open_metrics.status, open_metrics.content_type.as_str()),
        (200, judge::OPEN_METRICS)
    );
    assert_eq!(judge::strict_parser(open_metrics.body.as_bytes()), Ok(()));

    let mut prometheus = Prometheus::scraping(std::slice::from_ref(&target));
    assert_eq!(judge::scrape(&mut prometheus, &target), Ok(()));
}
