//! Exemplars of the current span, in OpenMetrics and in protobuf, as a real Prometheus gives them back.

use std::net::Ipv4Addr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::Request;
use axum::middleware::{Next, from_fn};
use datapunk_metrics::encode::{Format, encode, protobuf};
use datapunk_metrics::exemplars;
use datapunk_metrics::prometheus_client::RegistryCollector;
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, Info, LabelSet, MetricSet, Outcome, Registry, Seconds, serve,
};
use opentelemetry::trace::{TraceContextExt, TracerProvider};
use opentelemetry_sdk::trace::{Sampler, SdkTracerProvider};
use support::server::Prometheus;
use support::{judge, wait};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::layer::SubscriberExt;

#[derive(Clone, Copy, LabelSet)]
struct CallLabels {
    outcome: Outcome,
}

/// Metrics of a telescope.
#[derive(MetricSet)]
#[metrics(namespace = "telescope")]
struct TelescopeMetrics {
    /// Pictures taken.
    pictures_total: Counter<CallLabels>,
    /// Time of a picture.
    #[metric(buckets = [0.5, 1])]
    picture_duration_seconds: Histogram<Seconds, CallLabels>,
    /// Size of a picture.
    #[metric(buckets = [1024])]
    picture_size_bytes: Histogram<Bytes>,
    /// Angle of the mirror.
    mirror_meters: Gauge<(), f64>,
    /// The build.
    #[metric(labels(version = "a \"b\"\\c"))]
    build_info: Info,
}
const TELESCOPE: TelescopeMetrics = TelescopeMetrics::METRICS;

const OK: CallLabels = CallLabels {
    outcome: Outcome::Ok,
};

fn telescope() -> Registry {
    // All tests of this program ask the same source.
    let _ = exemplars::set_source(exemplars::opentelemetry::current);
    let registry = Registry::new();
    registry
        .register::<TelescopeMetrics>()
        .expect("one set does not clash");
    registry
}

/// Runs `work` in a span of `tracing`, whose trace is sampled or not, and gives the identifiers of trace and span.
fn in_a_span(sampler: Sampler, work: impl FnOnce()) -> (String, String) {
    let provider = SdkTracerProvider::builder().with_sampler(sampler).build();
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("test"));
    let subscriber = tracing_subscriber::registry().with(layer);
    tracing::subscriber::with_default(subscriber, || {
        let span = tracing::info_span!("picture");
        span.in_scope(work);
        let context = span.context();
        let span = context.span().span_context().clone();
        (span.trace_id().to_string(), span.span_id().to_string())
    })
}

#[test]
fn a_sample_in_a_span_leads_to_its_trace() {
    let registry = telescope();
    let (trace, span) = in_a_span(Sampler::AlwaysOn, || {
        let duration = TELESCOPE.picture_duration_seconds.with(OK);
        duration.observe_with_exemplar(Duration::from_millis(750));
        // The one before is not a second old.
        duration.observe_with_exemplar(Duration::from_millis(800));
        duration.observe(Duration::from_secs(7));
        TELESCOPE.pictures_total.with(OK).add_with_exemplar(2);
        TELESCOPE.picture_size_bytes.observe_with_exemplar(4096_u32);
        TELESCOPE.picture_size_bytes.observe_with_exemplar(-1_i32);
    });
    let refused = CallLabels {
        outcome: Outcome::Error,
    };
    in_a_span(Sampler::AlwaysOff, || {
        TELESCOPE.pictures_total.with(refused).inc_with_exemplar();
    });
    // Outside of any span.
    TELESCOPE
        .picture_duration_seconds
        .with(refused)
        .observe_with_exemplar(Duration::from_millis(1));

    let open_metrics = encode(&registry, Format::OpenMetrics).expect("no readers");
    assert_eq!(judge::strict_parser(open_metrics.as_bytes()), Ok(()));
    let labels = format!("{{trace_id=\"{trace}\",span_id=\"{span}\"}}");
    let found: Vec<&str> = open_metrics
        .lines()
        .filter_map(|line| line.rsplit_once(' ').filter(|_| line.contains(" # ")))
        .map(|(line, _timestamp)| line)
        .collect();
    assert_eq!(
        found,
        [
            format!(
                "telescope_picture_duration_seconds_bucket{{outcome=\"ok\",le=\"1.0\"}} 2 # {labels} 0.75"
            ),
            format!("telescope_picture_size_bytes_bucket{{le=\"+Inf\"}} 1 # {labels} 4096"),
            format!("telescope_pictures_total{{outcome=\"ok\"}} 2 # {labels} 2"),
        ]
    );
    // The rest of these families is what it is without exemplars.
    for line in [
        "\ntelescope_picture_duration_seconds_bucket{outcome=\"ok\",le=\"+Inf\"} 3\n",
        "\ntelescope_picture_duration_seconds_sum{outcome=\"ok\"} 8.55\n",
        "\ntelescope_pictures_total{outcome=\"error\"} 1\n",
        "\ntelescope_pictures_total{outcome=\"panicked\"} 0\n",
    ] {
        assert!(
            open_metrics.contains(line),
            "{line}is not in\n{open_metrics}"
        );
    }
    let text = encode(&registry, Format::Text).expect("no readers");
    assert!(!text.contains("trace_id"), "{text}");
    assert_eq!(judge::promtool(text.as_bytes()), Ok(()));
}

#[test]
fn a_counter_on_an_endpoint_of_prometheus_client_leads_to_its_trace() {
    let registry = telescope();
    let (trace, span) = in_a_span(Sampler::AlwaysOn, || {
        TELESCOPE.pictures_total.with(OK).add_with_exemplar(3);
        let duration = TELESCOPE.picture_duration_seconds.with(OK);
        duration.observe_with_exemplar(Duration::from_millis(750));
    });
    let mut existing = prometheus_client::registry::Registry::default();
    existing.register_collector(Box::new(RegistryCollector::new(registry)));
    let mut text = String::new();
    prometheus_client::encoding::text::encode(&mut text, &existing).expect("no readers");
    assert_eq!(judge::strict_parser(text.as_bytes()), Ok(()), "{text}");
    let line = format!(
        "\ntelescope_pictures_total{{outcome=\"ok\"}} 3 # {{trace_id=\"{trace}\",span_id=\"{span}\"}} 3.0 "
    );
    assert!(text.contains(&line), "{line} is not in\n{text}");
    // Those of buckets can't be handed over.
    assert_eq!(text.matches(" # {").count(), 1, "{text}");
    assert!(text.contains("\ntelescope_pictures_total{outcome=\"error\"} 0\n"));
}

/// Serves `registry` until the test process ends; notes the content type of each answer.
fn serve_forever(registry: Registry) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
    let address = listener
        .local_addr()
        .expect("a bound socket has an address");
    listener
        .set_nonblocking(true)
        .expect("tokio takes sockets that do not block");
    let answered = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&answered);
    let note = from_fn(move |request: Request, next: Next| {
        let noted = Arc::clone(&noted);
        async move {
            let answer = next.run(request).await;
            let content_type = answer.headers()["content-type"].to_str();
            let content_type = content_type.expect("ASCII").to_owned();
            noted.lock().expect("no panic").push(content_type);
            answer
        }
    });
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::from_std(listener).expect("a socket");
            let router: axum::Router = serve::router_with(registry);
            axum::serve(listener, router.layer(note))
                .await
                .expect("the server runs");
        });
    });
    (address.to_string(), answered)
}

/// What a Prometheus with these features stores of the telescope.
fn stored_by_prometheus(features: &str, content_type: &str) {
    let (target, answered) = serve_forever(telescope());
    let argument = format!("--enable-feature={features}");
    let mut prometheus = Prometheus::scraping_with(std::slice::from_ref(&target), &[&argument]);
    TELESCOPE.mirror_meters.set(-0.25);
    assert_eq!(judge::scrape(&mut prometheus, &target), Ok(()));
    // One before the first scrape might have been replaced.
    let (trace, span) = in_a_span(Sampler::AlwaysOn, || {
        let duration = TELESCOPE.picture_duration_seconds.with(OK);
        duration.observe_with_exemplar(Duration::from_millis(750));
        TELESCOPE.pictures_total.with(OK).inc_with_exemplar();
    });
    for (metric, value) in [
        ("telescope_picture_duration_seconds_bucket", "0.75"),
        ("telescope_pictures_total", "1"),
    ] {
        let exemplar = wait::until("the exemplar", Duration::from_secs(30), || {
            let found = prometheus.exemplars(metric)?;
            let ours = found
                .iter()
                .find(|(_, exemplar)| exemplar["labels"]["trace_id"] == *trace);
            ours.cloned().ok_or_else(|| format!("{found:?}"))
        });
        assert_eq!(exemplar.1["labels"]["span_id"], *span);
        assert_eq!(exemplar.1["value"], *value);
        assert_eq!(exemplar.0["outcome"], "ok");
    }
    let answered = answered.lock().expect("no panic");
    assert!(
        answered.iter().all(|answered| answered == content_type),
        "{answered:?}"
    );
    drop(answered);
    for (query, count) in [
        ("telescope_mirror_meters == -0.25", 1),
        ("telescope_build_info{version=\"a \\\"b\\\"\\\\c\"} == 1", 1),
        ("telescope_picture_duration_seconds_bucket{le=\"1.0\"}", 4),
        (
            "telescope_picture_duration_seconds_bucket{le=\"+Inf\"} == ignoring(le) \
             telescope_picture_duration_seconds_count",
            4,
        ),
        ("telescope_pictures_total{outcome=\"cancelled\"} == 0", 1),
    ] {
        let found = prometheus.query(query).expect("a query");
        assert_eq!(found.len(), count, "{query}: {found:?}");
    }
}

#[test]
fn prometheus_stores_exemplars_of_open_metrics() {
    stored_by_prometheus("exemplar-storage", judge::OPEN_METRICS);
}

#[test]
fn a_prometheus_that_takes_native_histograms_is_answered_in_protobuf() {
    stored_by_prometheus("exemplar-storage,native-histograms", protobuf::CONTENT_TYPE);
}
