use datapunk_metrics::{Histogram, Items, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects in one batch.
    #[metric(buckets = [1, 10, 100])]
    batch_seconds: Histogram<Items>,
}

fn main() {}
