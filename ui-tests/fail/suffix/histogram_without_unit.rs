use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    search_duration: Histogram<Seconds>,
}

fn main() {}
