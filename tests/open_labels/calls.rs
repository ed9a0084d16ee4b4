//! Calls with open labels.

use datapunk_metrics::{
    Counter, Gauge, Histogram, LabelSet, Method, MetricSet, Seconds, StatusCode, instrument_metrics,
};

use super::exposition;

#[derive(Clone, Copy, LabelSet)]
struct CallLabels<'a> {
    method: Method,
    path: &'a str,
}

#[derive(Clone, Copy, LabelSet)]
#[label(from = CallLabels<'a>)]
struct EndLabels<'a> {
    method: Method,
    path: &'a str,
    status: StatusCode,
}

#[derive(MetricSet)]
#[metrics(namespace = "calls", labels = CallLabels<'static>)]
#[expect(clippy::struct_field_names, reason = "the standard's names")]
struct CallMetrics {
    /// Requests.
    #[metric(role = calls)]
    http_requests_total: Counter<EndLabels<'static>>,
    /// Times.
    #[metric(role = duration)]
    http_request_duration_seconds: Histogram<Seconds, CallLabels<'static>>,
    /// Now.
    #[metric(role = in_flight)]
    http_requests_in_flight_current: Gauge<CallLabels<'static>>,
}

#[instrument_metrics(set = CallMetrics, labels(method = Method::Get, path = "/items/{id}"))]
fn get_item(id: u32) -> Result<u32, ()> {
    if id == 0 { Err(()) } else { Ok(id) }
}

#[instrument_metrics(set = CallMetrics, labels(method = method, path = "/items/{id}"))]
fn any_item(method: Method) {
    let _ = method;
}

#[instrument_metrics(set = CallMetrics, labels(method = Method::Get, path = path))]
fn page(path: &str) -> usize {
    path.len()
}

#[instrument_metrics(set = CallMetrics, labels(method = Method::Put, path = path))]
async fn put(path: &str) -> usize {
    path.len()
}

#[test]
fn an_instrumented_call_has_open_labels() {
    for id in [0, 1, 2] {
        let _ = get_item(id);
    }
    any_item(Method::Get);
    any_item(Method::Put);
    for path in ["/", "/about", "/items/{id}"] {
        page(path);
    }
    assert_eq!(block_on(put("/about")), 6);
    let now = exposition::<CallMetrics>();
    let requests = |method: &str, path: &str, status: u16| {
        now.get(&format!(
            "calls_http_requests_total{{method=\"{method}\",path=\"{path}\",status=\"{status}\"}}"
        ))
    };
    assert_eq!(requests("GET", "/items/{id}", 200), Some(4.0));
    assert_eq!(requests("GET", "/items/{id}", 500), Some(1.0));
    assert_eq!(requests("PUT", "/items/{id}", 200), Some(1.0));
    assert_eq!(requests("GET", "/about", 200), Some(1.0));
    assert_eq!(requests("PUT", "/about", 200), Some(1.0));
    let count = "calls_http_request_duration_seconds_count{method=\"GET\",path=\"/items/{id}\"}";
    assert_eq!(now.get(count), Some(5.0));
    let in_flight = "calls_http_requests_in_flight_current{method=\"GET\",path=\"/items/{id}\"}";
    assert_eq!(now.get(in_flight), Some(0.0));
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}
