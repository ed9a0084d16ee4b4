use datapunk_metrics::{Info, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The version that runs.
    #[metric(labels(version = "1.0"))]
    build: Info,
}

fn main() {}
