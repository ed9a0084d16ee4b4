use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    #[metric(slo(threshold = 0.1))]
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {}
