use datapunk_metrics::{Counter, MetricSet};

/// Metrics of the lake.
#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Searches.
    #[metric(deprecated = "count `lake_queries_total` instead")]
    searches_total: Counter,
}

fn main() {}
