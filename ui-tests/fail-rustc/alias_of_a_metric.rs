use datapunk_metrics::{Counter, MetricSet};

type Objects = Counter;

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Objects,
}

fn main() {}
