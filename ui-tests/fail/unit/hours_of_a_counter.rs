use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time spent on compaction.
    compaction_hours_total: Counter<(), f64>,
}

fn main() {}
