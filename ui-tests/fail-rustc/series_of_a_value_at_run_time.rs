use datapunk_metrics::{Counter, LabelSet, MetricSet, series};

#[derive(Clone, Copy, LabelSet)]
struct PathLabels<'a> {
    path: &'a str,
}

#[derive(MetricSet)]
struct HttpMetrics {
    /// Requests answered.
    http_requests_total: Counter<PathLabels<'static>>,
}

fn record(path: &str) {
    series!(HttpMetrics::METRICS.http_requests_total, PathLabels { path }).inc();
}

fn main() {
    record("/");
}
