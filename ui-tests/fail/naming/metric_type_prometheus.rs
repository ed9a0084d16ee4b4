use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake", profile = prometheus)]
struct LakeMetrics {
    /// Memory in use.
    memory_histogram: Gauge,
}

fn main() {}
