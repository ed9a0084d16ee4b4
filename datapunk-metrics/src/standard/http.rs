//! Requests that are answered, and requests that are sent.

use super::UpstreamLabels;
use crate::{
    Bytes, Counter, Gauge, Histogram, LabelSet, Method, MetricSet, Seconds, StatusCode,
    exponential_buckets,
};

/// Bounds of request sizes: 256 B to 16 MiB by factors of 4.
const SIZES: [f64; 9] = exponential_buckets(256.0, 4.0);

/// What is known of a request when it comes.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct HttpCall<'a> {
    /// Its method.
    pub method: Method,
    /// The pattern of the route that takes it, such as `/items/{id}`, never the path itself; `other` if there is none.
    #[label(max = 200, known = ["other"])]
    pub path: &'a str,
}

/// What is known of a request when it has been answered.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate, from = HttpCall<'a>)]
pub struct HttpAnswer<'a> {
    /// Its method.
    pub method: Method,
    /// The pattern of the route that took it.
    #[label(max = 200, known = ["other"])]
    pub path: &'a str,
    /// The status of the answer; 500 after a panic, 499 if the client did not wait.
    pub status: StatusCode,
}

/// Requests that the service answers.
///
/// `tower::HttpLayer` fills it, and so does
/// `#[instrument_metrics(set = HttpMetrics, labels(method = Method::Get, path = "/items/{id}"))]`, which does not know
/// sizes.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(labels = HttpCall<'static>, unlinked, crate = crate)]
pub struct HttpMetrics {
    /// Requests answered, by method, route and status.
    #[metric(role = calls, max_series = 10_000, zero = ["GET", "POST", 200, 500])]
    pub http_requests_total: Counter<HttpAnswer<'static>>,
    /// Time from a request to the end of its answer, by method and route.
    #[metric(role = duration, max_series = 20_000, buckets = [0.01, 0.05, 0.1, 0.5, 1.0, 5.0])]
    pub http_request_duration_seconds: Histogram<Seconds, HttpCall<'static>>,
    /// Size of the bodies of requests, by method and route.
    #[metric(role = request_size, max_series = 20_000, buckets = SIZES)]
    pub http_request_size_bytes: Histogram<Bytes, HttpCall<'static>>,
    /// Requests that are being answered.
    #[metric(role = in_flight)]
    pub http_requests_in_flight_current: Gauge,
}

/// What is known of a request when it is sent.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct HttpClientCall<'a> {
    /// The name of whom it is sent to.
    #[label(max = 100)]
    pub upstream: &'a str,
    /// Its method.
    pub method: Method,
}

/// What is known of a request when its answer is there.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct HttpClientAnswer<'a> {
    /// The name of whom it was sent to.
    #[label(max = 100)]
    pub upstream: &'a str,
    /// Its method.
    pub method: Method,
    /// The status of the answer; `none` without a whole one, 499 if the caller did not wait.
    pub status: Option<StatusCode>,
}

/// Requests that the service sends.
///
/// `tower::ClientLayer` fills it.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(unlinked, crate = crate)]
pub struct HttpClientMetrics {
    /// Requests sent, by upstream, method and status of the answer.
    #[metric(max_series = 10_000)]
    pub http_client_requests_total: Counter<HttpClientAnswer<'static>>,
    /// Time from a request to the end of its answer, by upstream and method.
    #[metric(max_series = 20_000)]
    pub http_client_request_duration_seconds: Histogram<Seconds, HttpClientCall<'static>>,
    /// Requests whose answer is being waited for, by upstream.
    pub http_client_requests_in_flight_current: Gauge<UpstreamLabels<'static>>,
}
