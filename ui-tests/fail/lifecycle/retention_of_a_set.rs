use datapunk_metrics::{Counter, MetricSet};

/// Metrics of the lake.
#[derive(MetricSet)]
#[metrics(namespace = "lake", retention = low)]
struct LakeMetrics {
    /// Searches.
    #[metric(max_series = 10)]
    searches_total: Counter,
}

fn main() {}
