use datapunk_metrics::{Counter, MetricSet};

/// Metrics of the lake.
#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Searches.
    #[metric(until = "9.0.0")]
    searches_total: Counter,
}

fn main() {}
