use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Size of the lake.
    #[metric(name = "größe_bytes")]
    size: Gauge,
}

fn main() {}
