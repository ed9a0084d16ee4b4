use datapunk_metrics::{Counter, MetricSet};

/// Metrics of the lake service.
#[derive(MetricSet)]
#[metrics(namespace = "lake", unlinked = true)]
struct LakeMetrics {
    /// Requests served.
    requests_total: Counter,
}

fn main() {}
