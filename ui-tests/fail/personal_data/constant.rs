use datapunk_metrics::{Info, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The version that runs.
    #[metric(labels(first_name = "Ada"))]
    build_info: Info,
}

fn main() {}
