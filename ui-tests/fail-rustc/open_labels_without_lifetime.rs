use datapunk_metrics::{Counter, LabelSet, MetricSet};

#[derive(Clone, Copy, LabelSet)]
struct PathLabels<'a> {
    path: &'a str,
}

#[derive(MetricSet)]
struct HttpMetrics {
    /// Requests answered.
    http_requests_total: Counter<PathLabels>,
}

fn main() {}
