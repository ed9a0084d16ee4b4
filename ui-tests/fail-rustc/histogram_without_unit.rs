use datapunk_metrics::{Histogram, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    search_duration_seconds: Histogram,
}

fn main() {}
