use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects that wait.
    #[metric(allow("suffix", reason = "an old name"))]
    queue_objects: Gauge,
}

fn main() {}
