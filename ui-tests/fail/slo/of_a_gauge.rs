use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Bytes stored.
    #[metric(slo(objective = 99.9))]
    stored_bytes: Gauge,
}

fn main() {}
