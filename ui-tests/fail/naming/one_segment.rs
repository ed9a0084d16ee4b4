use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics {
    /// Whether the lake serves.
    up: Gauge,
}

fn main() {}
