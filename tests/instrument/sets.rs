//! Calls recorded in a set of one's own.

use super::*;

#[derive(Clone, Copy, LabelValue)]
enum Route {
    #[label(rename = "/items/{id}")]
    Items,
}

#[derive(Clone, Copy, LabelSet)]
struct HttpCall {
    method: Method,
    path: Route,
}

#[derive(Clone, Copy, LabelSet)]
#[label(from = HttpCall)]
struct HttpAnswer {
    method: Method,
    path: Route,
    status: StatusCode,
}

#[derive(Clone, Copy, LabelSet)]
#[label(from = HttpCall)]
struct PathLabels {
    path: Route,
}

#[derive(MetricSet)]
#[metrics(namespace = "web", labels = HttpCall)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are the names of the metrics"
)]
struct HttpMetrics {
    /// Requests answered, by method, route and status.
    #[metric(role = calls, max_series = 2000)]
    http_requests_total: Counter<HttpAnswer>,
    /// Time until the answer, by method and route.
    #[metric(role = duration, buckets = [0.1, 1.0])]
    http_request_duration_seconds: Histogram<Seconds, HttpCall>,
    /// Requests being served, by route.
    #[metric(role = in_flight)]
    http_requests_in_flight_current: Gauge<PathLabels>,
}

fn answered(method: &str, status: u16) -> f64 {
    value(&format!(
        "web_http_requests_total{{method=\"{method}\",path=\"/items/{{id}}\",status=\"{status}\"}}"
    ))
}

enum Refusal {
    Missing,
}

impl HttpStatus for Refusal {
    fn http_status(&self) -> StatusCode {
        match self {
            Self::Missing => StatusCode::NOT_FOUND,
        }
    }
}

#[instrument_metrics(set = HttpMetrics, labels(method = Method::Get, path = Route::Items))]
async fn read(id: u32) -> Result<String, Refusal> {
    Wait(u32::from(id == 1)).await;
    assert_ne!(id, 2, "the panic of a handler");
    if id == 0 {
        Err(Refusal::Missing)
    } else {
        Ok(id.to_string())
    }
}

#[test]
fn the_status_comes_from_what_is_returned_a_panic_is_500_and_a_cancelled_call_499() {
    assert!(ready(read(3)).is_ok());
    assert!(ready(read(0)).is_err());
    assert!(catch_unwind(|| ready(read(2))).is_err());
    assert!(poll_once(pin!(read(1))).is_pending());
    for status in [200, 404, 500, 499] {
        assert_eq!(answered("GET", status), 1.0, "{status}");
    }
    let labels = "method=\"GET\",path=\"/items/{id}\"";
    assert_eq!(
        value(&format!(
            "web_http_request_duration_seconds_count{{{labels}}}"
        )),
        4.0
    );
    assert_eq!(
        value("web_http_requests_in_flight_current{path=\"/items/{id}\"}"),
        0.0
    );
}

/// A response whose status is not seen from its type.
struct Page(u16);

impl IntoResponse for Page {
    fn into_response(self) -> Response {
        let code = Code::from_u16(self.0).expect("a status code");
        (code, "page").into_response()
    }
}

#[instrument_metrics(set = HttpMetrics, labels(method = Method::Put, path = Route::Items))]
async fn page(status: u16) -> impl IntoResponse {
    Page(status)
}

#[instrument_metrics(set = HttpMetrics, labels(method = Method::Post, path = Route::Items))]
async fn page_or_refusal(status: u16) -> Result<impl IntoResponse, Code> {
    if status == 0 {
        Err(Code::CONFLICT)
    } else {
        Ok(Page(status))
    }
}

#[instrument_metrics(set = HttpMetrics, labels(method = Method::Delete, path = Route::Items))]
fn plain(kind: u8) -> Response {
    match kind {
        0 => Redirect::to("/").into_response(),
        _ => (Code::GONE, "gone").into_response(),
    }
}

#[test]
fn responses_of_axum_say_their_status() {
    assert_eq!(ready(page(418)).into_response().status(), 418);
    assert!(ready(page_or_refusal(202)).is_ok());
    assert!(ready(page_or_refusal(0)).is_err());
    assert_eq!(plain(0).status(), 303);
    assert_eq!(plain(1).status(), 410);
    assert_eq!(answered("PUT", 418), 1.0);
    assert_eq!(answered("POST", 202), 1.0);
    assert_eq!(answered("POST", 409), 1.0);
    assert_eq!(answered("DELETE", 303), 1.0);
    assert_eq!(answered("DELETE", 410), 1.0);
}

#[derive(Clone, Copy, Debug, LabelValue)]
enum Cause {
    Timeout,
    Refused,
}

#[derive(Clone, Copy)]
struct RpcCall {
    cause: Option<Cause>,
}

#[derive(Clone, Copy, LabelSet)]
#[label(from = RpcCall)]
struct RpcEnd {
    cause: Option<Cause>,
    outcome: Outcome,
    class: StatusClass,
}

#[derive(MetricSet)]
#[metrics(namespace = "rpc", labels = RpcCall)]
struct RpcMetrics {
    /// Calls, by cause, outcome and class.
    #[metric(role = calls)]
    calls_total: Counter<RpcEnd>,
}

#[instrument_metrics(set = RpcMetrics, labels(cause = |error| error.0))]
fn call(cause: Option<Cause>) -> Result<(), (Cause, &'static str)> {
    cause.map_or(Ok(()), |cause| Err((cause, "failed")))
}

#[test]
fn a_set_may_have_labels_from_the_error() {
    call(None).expect("no cause");
    call(Some(Cause::Refused)).expect_err("a cause");
    call(Some(Cause::Timeout)).expect_err("a cause");
    let calls = RpcMetrics::METRICS.calls_total;
    let ended = |cause, outcome, class| {
        calls
            .with(RpcEnd {
                cause,
                outcome,
                class,
            })
            .get()
    };
    assert_eq!(ended(None, Outcome::Ok, StatusClass::Success), 1);
    assert_eq!(
        ended(
            Some(Cause::Refused),
            Outcome::Error,
            StatusClass::ServerError
        ),
        1
    );
    assert_eq!(
        ended(
            Some(Cause::Timeout),
            Outcome::Error,
            StatusClass::ServerError
        ),
        1
    );
}

#[derive(MetricSet)]
#[metrics(namespace = "bare")]
struct BareMetrics {
    /// Calls.
    #[metric(role = calls)]
    calls_total: Counter,
}

#[instrument_metrics(set = BareMetrics)]
fn bare() {}

#[test]
fn a_set_without_labels_needs_none() {
    bare();
    assert_eq!(BareMetrics::METRICS.calls_total.get(), 1);
}
