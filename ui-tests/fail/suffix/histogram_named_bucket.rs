use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    search_seconds_bucket: Histogram<Seconds>,
}

fn main() {}
