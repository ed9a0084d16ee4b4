use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    #[metric(slo(objective = 99.9, threshold = "0.1"))]
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {}
