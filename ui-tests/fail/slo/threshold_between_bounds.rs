use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    #[metric(buckets = [0.01, 0.1, 1.0], slo(objective = 99.9, threshold = 0.2))]
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {}
