use std::io::Read;
use std::sync::atomic::{AtomicBool, Ordering};

use axum::body::{Body, to_bytes};
use axum::http::{Method, Request};
use flate2::read::GzDecoder;
use tower::ServiceExt;

use super::*;
use crate::encode::Format;
use crate::{Counter, Gauge, LabelSet, LabelValue, MetricSet};

/// Metrics of a kettle.
#[derive(MetricSet)]
#[metrics(namespace = "kettle", crate = crate)]
struct KettleMetrics {
    /// Water temperature.
    #[metric(read = temperature)]
    water_temperature_celsius: Gauge<(), f64>,
}

fn temperature() -> f64 {
    92.5
}

const TEXT: &str = "# HELP kettle_water_temperature_celsius Water temperature.\n\
    # TYPE kettle_water_temperature_celsius gauge\n\
    kettle_water_temperature_celsius 92.5\n";

fn kettle() -> Router {
    let registry = Registry::new();
    registry.register::<KettleMetrics>().unwrap();
    router_with(registry)
}

/// Status, headers and body of the answer to one request for `/metrics`.
async fn ask(
    app: Router,
    method: Method,
    headers: &[(&str, &str)],
) -> (StatusCode, HeaderMap, Vec<u8>) {
    let mut request = Request::builder().method(method).uri("/metrics");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    (
        parts.status,
        parts.headers,
        to_bytes(body, usize::MAX).await.unwrap().to_vec(),
    )
}

#[tokio::test]
async fn without_headers_it_is_plain_text() {
    let (status, headers, body) = ask(kettle(), Method::GET, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(
        headers[header::CONTENT_TYPE],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert_eq!(headers[header::VARY], "Accept, Accept-Encoding");
    assert!(!headers.contains_key(header::CONTENT_ENCODING));
    assert_eq!(String::from_utf8(body).unwrap(), TEXT);
}

#[tokio::test]
async fn the_accept_headers_choose_the_format() {
    let open_metrics = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    let text = "text/plain; version=0.0.4; charset=utf-8";
    for (accept, content_type) in [
        (&["application/openmetrics-text"][..], open_metrics),
        (
            &["application/openmetrics-text;q=0.2", "text/plain;q=0.7"],
            text,
        ),
        (
            &["*/*;q=0.1", "application/openmetrics-text;version=1.0.0"],
            open_metrics,
        ),
        (&["image/png"], text),
    ] {
        let headers: Vec<_> = accept.iter().map(|value| ("accept", *value)).collect();
        let (_, headers, body) = ask(kettle(), Method::GET, &headers).await;
        assert_eq!(headers[header::CONTENT_TYPE], content_type, "{accept:?}");
        assert_eq!(
            body.ends_with(b"# EOF\n"),
            content_type == open_metrics,
            "{accept:?}"
        );
    }
}

#[tokio::test]
async fn gzip_is_sent_to_those_who_take_it() {
    for (accepted, gzip) in [
        ("gzip", true),
        ("deflate, GZIP;q=0.5", true),
        ("gzip ; q=0.001", true),
        ("gzip;q=0", false),
        ("gzip;q=0.000, identity", false),
        ("gzip;q=much", false),
        ("br", false),
        ("gzipped", false),
        ("", false),
    ] {
        let (_, headers, body) = ask(kettle(), Method::GET, &[("accept-encoding", accepted)]).await;
        let text = if gzip {
            assert_eq!(headers[header::CONTENT_ENCODING], "gzip", "{accepted}");
            let mut text = String::new();
            GzDecoder::new(body.as_slice())
                .read_to_string(&mut text)
                .unwrap();
            text
        } else {
            assert!(
                !headers.contains_key(header::CONTENT_ENCODING),
                "{accepted}"
            );
            String::from_utf8(body).unwrap()
        };
        assert_eq!(text, TEXT, "{accepted}");
    }
}

#[tokio::test]
async fn head_has_the_headers_alone() {
    let (status, headers, body) = ask(kettle(), Method::HEAD, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_LENGTH], TEXT.len().to_string());
    assert_eq!(
        headers[header::CONTENT_TYPE],
        "text/plain; version=0.0.4; charset=utf-8"
    );
    assert!(body.is_empty());
}

#[tokio::test]
async fn other_methods_are_refused() {
    for method in [Method::POST, Method::PUT, Method::DELETE, Method::TRACE] {
        assert_eq!(
            ask(kettle(), method, &[]).await.0,
            StatusCode::METHOD_NOT_ALLOWED
        );
    }
}

/// Metrics of a sensor that fails.
#[derive(MetricSet)]
#[metrics(namespace = "sensor", crate = crate)]
struct SensorMetrics {
    /// Reading.
    #[metric(read = failing)]
    reading_celsius: Gauge<(), f64>,
}

static FAILS: AtomicBool = AtomicBool::new(true);

fn failing() -> f64 {
    assert!(!FAILS.load(Ordering::Relaxed), "wire off");
    20.5
}

#[tokio::test]
async fn a_panic_fails_its_own_scrape_alone() {
    let registry = Registry::new();
    registry.register::<SensorMetrics>().unwrap();
    let app: Router = router_with(registry);

    let (status, _, body) = ask(app.clone(), Method::GET, &[]).await;
    assert_eq!(status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(
        String::from_utf8(body).unwrap(),
        "the function that reads metric `sensor_reading_celsius` panicked: wire off\n"
    );

    FAILS.store(false, Ordering::Relaxed);
    let (status, _, body) = ask(app, Method::GET, &[]).await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        String::from_utf8(body)
            .unwrap()
            .ends_with("sensor_reading_celsius 20.5\n")
    );
}

#[tokio::test]
async fn it_merges_into_a_router_with_a_state() {
    let app: Router = Router::<u8>::new()
        .route("/items", get(|| async { "none" }))
        .merge(router_with(Arc::new(Registry::new())))
        .with_state(7);
    assert_eq!(ask(app, Method::GET, &[]).await.0, StatusCode::OK);
}

/// One of four thousand drawers.
#[derive(Clone, Copy)]
struct Drawer(usize);

impl LabelValue for Drawer {
    const VALUES: &'static [&'static str] = {
        static DRAWERS: [&str; 4000] = ["a drawer of the cabinet in the archive"; 4000];
        &DRAWERS
    };

    fn index(self) -> usize {
        self.0
    }
}

#[derive(Clone, Copy, LabelSet)]
#[label(crate = crate)]
struct DrawerLabels {
    drawer: Drawer,
}

/// Metrics that take more than one piece.
#[derive(MetricSet)]
#[metrics(namespace = "archive", crate = crate)]
struct ArchiveMetrics {
    /// Drawers opened.
    #[metric(max_series = 4000)]
    drawers_opened_total: Counter<DrawerLabels>,
}

fn archive() -> (Router, Arc<Registry>) {
    let registry = Arc::new(Registry::new());
    registry.register::<ArchiveMetrics>().unwrap();
    (router_with(Arc::clone(&registry)), registry)
}

#[cfg(feature = "protobuf")]
#[tokio::test]
async fn who_asks_for_protobuf_gets_it_in_chunks() {
    use crate::encode::protobuf;

    let (app, registry) = archive();
    let whole = protobuf::encode(&registry).unwrap();
    assert!(whole.len() > 100_000, "{}", whole.len());
    let accept = [("accept", protobuf::CONTENT_TYPE)];
    let (status, headers, body) = ask(app.clone(), Method::GET, &accept).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(headers[header::CONTENT_TYPE], protobuf::CONTENT_TYPE);
    assert_eq!(body, whole);

    let accept = [accept[0], ("accept-encoding", "gzip")];
    let (_, _, body) = ask(app, Method::GET, &accept).await;
    let mut unzipped = Vec::new();
    GzDecoder::new(body.as_slice())
        .read_to_end(&mut unzipped)
        .unwrap();
    assert_eq!(unzipped, whole);
}

#[tokio::test]
async fn a_large_exposition_is_streamed() {
    let (app, registry) = archive();
    let drawer = Drawer(3999);
    ArchiveMetrics::METRICS
        .drawers_opened_total
        .with(DrawerLabels { drawer })
        .add(7);
    for format in [Format::Text, Format::OpenMetrics] {
        let text = crate::encode::encode(&registry, format).unwrap();
        assert!(text.len() > 200_000, "{}", text.len());
        let accept = [("accept", format.content_type())];
        let (status, headers, body) = ask(app.clone(), Method::GET, &accept).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(headers[header::CONTENT_TYPE], format.content_type());
        assert!(!headers.contains_key(header::CONTENT_LENGTH));
        assert_eq!(String::from_utf8(body).unwrap(), text);

        let accept = [
            ("accept", format.content_type()),
            ("accept-encoding", "gzip"),
        ];
        let (_, headers, body) = ask(app.clone(), Method::GET, &accept).await;
        assert_eq!(headers[header::CONTENT_ENCODING], "gzip");
        let mut unzipped = String::new();
        GzDecoder::new(body.as_slice())
            .read_to_string(&mut unzipped)
            .unwrap();
        assert_eq!(unzipped, text);
    }
}

#[tokio::test]
async fn a_body_that_is_not_taken_keeps_nothing_waiting() {
    let (app, _) = archive();
    for _ in 0..100 {
        let request = Request::builder().uri("/metrics").body(Body::empty());
        let response = app.clone().oneshot(request.unwrap()).await.unwrap();
        // The scraper went away after the headers.
        drop(response);
    }
    let (status, _, body) = ask(app, Method::HEAD, &[]).await;
    assert_eq!((status, body.len()), (StatusCode::OK, 0));
}

#[tokio::test]
async fn a_small_exposition_has_its_length() {
    for headers in [&[][..], &[("accept-encoding", "gzip")]] {
        let request = headers.iter().fold(
            Request::builder().uri("/metrics"),
            |request, (name, value)| request.header(*name, *value),
        );
        let response = kettle()
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap();
        let length = axum::body::HttpBody::size_hint(response.body()).exact();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        assert_eq!(length, Some(body.len() as u64));
    }
}
