use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects that wait.
    #[metric(initial = "0")]
    queue_objects_current: Gauge,
}

fn main() {}
