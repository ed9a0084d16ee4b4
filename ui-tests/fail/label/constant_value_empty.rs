use datapunk_metrics::{Info, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The version that runs.
    #[metric(labels(version = ""))]
    build_info: Info,
}

fn main() {}
