use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects that wait.
    #[metric(allow(suffix))]
    queue_objects: Gauge,
}

fn main() {}
