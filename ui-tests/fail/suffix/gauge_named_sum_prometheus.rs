use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake", profile = prometheus)]
struct LakeMetrics {
    /// Objects that wait for an index.
    queue_objects_sum: Gauge,
}

fn main() {}
