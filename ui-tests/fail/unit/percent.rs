use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Share of the disk in use.
    disk_used_percent: Gauge<(), f64>,
}

fn main() {}
