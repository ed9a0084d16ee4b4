use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake", profile = prometheus)]
struct LakeMetrics {
    /// Memory in use.
    memory_mb: Gauge,
}

fn main() {}
