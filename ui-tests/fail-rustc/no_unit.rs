use datapunk_metrics::{Histogram, MetricSet};

struct Milliseconds;

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    search_duration_seconds: Histogram<Milliseconds>,
}

fn main() {}
