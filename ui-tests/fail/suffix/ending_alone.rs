use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects that wait for an index.
    total: Gauge,
}

fn main() {}
