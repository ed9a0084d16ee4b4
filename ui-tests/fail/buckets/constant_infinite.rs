use datapunk_metrics::{Histogram, MetricSet, Seconds};

const BOUNDS: [f64; 2] = [0.1, f64::INFINITY];

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    #[metric(buckets = BOUNDS)]
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {}
