use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
enum LakeMetrics {
    Objects(Counter),
}

fn main() {}
