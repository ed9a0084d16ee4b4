use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    #[metric(buckets = BOUNDS)]
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {}
