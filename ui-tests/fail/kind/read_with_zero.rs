use datapunk_metrics::{Counter, MetricSet};

fn opened() -> u64 {
    0
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Files opened.
    #[metric(read = opened, zero = [200])]
    files_opened_total: Counter,
}

fn main() {}
