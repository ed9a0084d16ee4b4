use datapunk_metrics::{Info, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The version that runs.
    #[metric(labels = "1.0")]
    build_info: Info,
}

fn main() {}
