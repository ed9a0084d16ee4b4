use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects that wait.
    #[metric(allow(everything, reason = "an old name"))]
    queue_objects: Gauge,
}

fn main() {}
