//! The HTTP metrics that the three services share, and the answers that they have in common.

use axum::Json;
use axum::extract::rejection::BytesRejection;
use axum::http::{StatusCode as HttpCode, Uri};
use axum::response::{IntoResponse, Response};
use datapunk_metrics::{
    Bytes, Counter, Gauge, Histogram, HttpStatus, LabelSet, LabelValue, Method, MetricSet, Seconds,
    StatusCode, instrument_metrics,
};
use serde::Serialize;

/// The routes of the three services, as they are declared: a path with an id in it would be a series for each id.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum Route {
    /// The lake's objects.
    #[label(rename = "/objects/{id}")]
    Objects,
    /// The lake's vector search.
    #[label(rename = "/search")]
    Search,
    /// Appending to a topic of the stream.
    #[label(rename = "/events/{topic}")]
    Append,
    /// Reading a partition of the stream.
    #[label(rename = "/events/{topic}/{partition}")]
    Read,
    /// The cortex's classifier.
    #[label(rename = "/classify")]
    Classify,
    /// The switch of the cortex's upstream.
    #[label(rename = "/upstream/{health}")]
    Upstream,
    /// What no route takes.
    #[label(rename = "other")]
    Other,
}

/// What is known of a request when it starts.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct HttpCall {
    /// Its method.
    pub method: Method,
    /// The route that takes it.
    pub path: Route,
}

/// What is known of a request when it is answered.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(from = HttpCall)]
pub struct HttpAnswer {
    /// Its method.
    pub method: Method,
    /// The route that took it.
    pub path: Route,
    /// The status of the answer; 500 after a panic, 499 if the client did not wait.
    pub status: StatusCode,
}

/// HTTP requests.
#[derive(Debug, MetricSet)]
#[metrics(labels = HttpCall)]
pub struct HttpMetrics {
    /// Requests answered, by method, route and status.
    #[metric(role = calls, max_series = 5000, zero = ["GET", "POST", "PUT", "DELETE", 200, 500])]
    pub http_requests_total: Counter<HttpAnswer>,
    /// Time until the answer, by method and route.
    #[metric(role = duration, buckets = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0])]
    pub http_request_duration_seconds: Histogram<Seconds, HttpCall>,
    /// Size of request bodies, by method and route.
    #[metric(buckets = [256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0])]
    pub http_request_size_bytes: Histogram<Bytes, HttpCall>,
    /// Requests being served.
    #[metric(role = in_flight)]
    pub http_requests_in_flight_current: Gauge,
}

/// The handles of the HTTP metrics.
pub const HTTP: HttpMetrics = HttpMetrics::METRICS;

/// Records the size of a request's body.
pub fn observe_body(method: Method, path: Route, body: &[u8]) {
    HTTP.http_request_size_bytes
        .with(HttpCall { method, path })
        .observe(body.len());
}

/// An answer that says what went wrong, as JSON.
#[derive(Debug)]
pub struct Refusal {
    status: HttpCode,
    error: String,
}

impl Refusal {
    /// A refusal with a status and a reason.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the reason is made for the call"
    )]
    #[must_use]
    pub fn new(status: HttpCode, error: impl ToString) -> Self {
        Self {
            status,
            error: error.to_string(),
        }
    }

    /// The body is not what the route takes.
    #[must_use]
    pub fn bad_request(error: impl ToString) -> Self {
        Self::new(HttpCode::BAD_REQUEST, error)
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(what: impl ToString) -> Self {
        Self::new(HttpCode::NOT_FOUND, what)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        #[derive(Serialize)]
        struct Body {
            error: String,
        }
        (self.status, Json(Body { error: self.error })).into_response()
    }
}

impl HttpStatus for Refusal {
    fn http_status(&self) -> StatusCode {
        StatusCode::new(self.status.as_u16())
    }
}

/// A body that could not be read, because it is too large or the client stopped sending.
impl From<BytesRejection> for Refusal {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

/// Answers a path that the service does not have.
#[instrument_metrics(set = HttpMetrics, labels(method = Method::from_name(method.as_str()), path = Route::Other))]
pub async fn no_such_path(method: axum::http::Method, uri: Uri) -> Refusal {
    Refusal::not_found(format!("no route for {method} {}", uri.path()))
}

/// Answers a method that a path does not have.
#[instrument_metrics(set = HttpMetrics, labels(method = Method::from_name(method.as_str()), path = Route::Other))]
pub async fn no_such_method(method: axum::http::Method, uri: Uri) -> Refusal {
    let error = format!("no method {method} at {}", uri.path());
    Refusal::new(HttpCode::METHOD_NOT_ALLOWED, error)
}
