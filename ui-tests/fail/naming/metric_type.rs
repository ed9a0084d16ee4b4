use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Memory in use.
    memory_gauge_bytes: Gauge,
}

fn main() {}
