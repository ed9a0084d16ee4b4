use datapunk_metrics::{Counter, MetricSet};

/// Metrics of the lake.
#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Searches.
    #[metric(renamed_from = "lake_queries_total")]
    searches_total: Counter,
}

fn main() {}
