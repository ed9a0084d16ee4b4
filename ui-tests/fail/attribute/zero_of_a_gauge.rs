use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects that wait.
    #[metric(zero = [200])]
    queue_objects_current: Gauge,
}

fn main() {}
