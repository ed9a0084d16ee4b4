use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, StatusCode};

#[derive(Clone, Copy, LabelSet)]
struct HttpLabels<'a> {
    method: Method,
    #[label(known = ["/", "/health"])]
    path: &'a str,
    status: StatusCode,
}

#[derive(MetricSet)]
struct HttpMetrics {
    /// Requests answered.
    http_requests_total: Counter<HttpLabels<'static>>,
}

fn main() {}
