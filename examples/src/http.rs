//! The HTTP metrics that the three services share, and the answers that they have in common.

use std::time::Instant;

use axum::Json;
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode as HttpStatus;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use datapunk_metrics::{
    Bytes, Completed, Counter, Gauge, Histogram, Instrument, LabelSet, LabelValue, Method,
    MetricSet, Outcome, Seconds, Started, StatusClass, StatusCode,
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
    /// Every path that no service has.
    #[label(rename = "other")]
    Other,
}

impl Route {
    /// The route that is declared with this path.
    fn of(path: &str) -> Self {
        match path {
            "/objects/{id}" => Self::Objects,
            "/search" => Self::Search,
            "/events/{topic}" => Self::Append,
            "/events/{topic}/{partition}" => Self::Read,
            "/classify" => Self::Classify,
            "/upstream/{health}" => Self::Upstream,
            _ => Self::Other,
        }
    }
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
    #[metric(role = calls, max_series = 5000)]
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
    status: HttpStatus,
    error: String,
}

impl Refusal {
    /// A refusal with a status and a reason.
    #[expect(
        clippy::needless_pass_by_value,
        reason = "the reason is made for the call"
    )]
    #[must_use]
    pub fn new(status: HttpStatus, error: impl ToString) -> Self {
        Self {
            status,
            error: error.to_string(),
        }
    }

    /// The body is not what the route takes.
    #[must_use]
    pub fn bad_request(error: impl ToString) -> Self {
        Self::new(HttpStatus::BAD_REQUEST, error)
    }

    /// There is no such thing.
    #[must_use]
    pub fn not_found(what: impl ToString) -> Self {
        Self::new(HttpStatus::NOT_FOUND, what)
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

/// Answers a path that the service does not have.
pub async fn no_such_path(method: axum::http::Method, uri: axum::http::Uri) -> Refusal {
    Refusal::not_found(format!("no route for {method} {}", uri.path()))
}

/// Records each request that passes in [`HttpMetrics`].
pub async fn record(path: Option<MatchedPath>, request: Request, next: Next) -> Response {
    let labels = HttpCall {
        method: Method::from_name(request.method().as_str()),
        path: path.map_or(Route::Other, |path| Route::of(path.as_str())),
    };
    let mut call = Call::start(labels);
    let response = next.run(request).await;
    call.status = Some(StatusCode::new(response.status().as_u16()));
    response
}

/// A request being served; it is recorded when it is dropped, because a panic and a client that is gone drop it too.
struct Call {
    labels: HttpCall,
    started: Instant,
    status: Option<StatusCode>,
}

impl Call {
    fn start(labels: HttpCall) -> Self {
        HttpMetrics::started(Started { labels });
        Self {
            labels,
            started: Instant::now(),
            status: None,
        }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let (outcome, status) = match self.status {
            Some(status) if status.class() == StatusClass::ServerError => (Outcome::Error, status),
            Some(status) => (Outcome::Ok, status),
            None if std::thread::panicking() => (Outcome::Panicked, StatusCode::new(500)),
            None => (Outcome::Cancelled, StatusCode::new(499)),
        };
        let labels = self.labels;
        HttpMetrics::completed(
            Completed {
                labels,
                outcome,
                status,
            },
            self.started.elapsed(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_has_the_path_that_its_label_says() {
        for path in Route::VALUES {
            assert_eq!(Route::VALUES[Route::of(path).index()], *path);
        }
    }
}
