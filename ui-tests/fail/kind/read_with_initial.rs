use datapunk_metrics::{Gauge, MetricSet};

fn open_files() -> i64 {
    0
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Files that are open.
    #[metric(read = open_files, initial = 0)]
    files_current: Gauge,
}

fn main() {}
