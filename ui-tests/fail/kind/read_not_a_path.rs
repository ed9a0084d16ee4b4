use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Files that are open.
    #[metric(read = "open_files")]
    files_current: Gauge,
}

fn main() {}
