use datapunk_metrics::{Histogram, MetricSet, Seconds};

const BOUNDS: [f64; 2] = [1.0, 0.1];

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    #[metric(buckets = BOUNDS)]
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {}
