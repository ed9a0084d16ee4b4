use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter,
    /// Objects stored again.
    #[metric(name = "objects_stored_total")]
    objects: Counter,
}

fn main() {}
