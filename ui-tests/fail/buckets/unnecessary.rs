use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(buckets = [0.1, 1.0])]
    objects_stored_total: Counter,
}

fn main() {}
