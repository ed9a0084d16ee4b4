use datapunk_metrics::{Counter, MetricSet};

/// Metrics of the lake.
#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Searches.
    #[metric(deprecated = "count `lake_queries_total` instead", until = "0.0.0")]
    searches_total: Counter,
}

fn main() {}
