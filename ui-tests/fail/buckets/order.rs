use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    #[metric(buckets = [0.1, 0.01, 1.0])]
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {}
