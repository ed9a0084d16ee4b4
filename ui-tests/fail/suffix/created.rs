use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics {
    /// When the lake was made.
    lake_created: Gauge,
}

fn main() {}
