use datapunk_metrics::{Gauge, MetricSet};

fn open_files() -> String {
    String::new()
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Files that are open.
    #[metric(read = open_files)]
    files_current: Gauge,
}

fn main() {}
