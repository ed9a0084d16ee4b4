use datapunk_metrics::{Counter, MetricSet};

/// Metrics of the lake.
#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Searches.
    #[metric(retention = "compliance")]
    searches_total: Counter,
}

fn main() {}
