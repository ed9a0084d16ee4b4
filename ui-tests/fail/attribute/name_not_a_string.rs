use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(name = objects_stored_total)]
    objects: Counter,
}

fn main() {}
