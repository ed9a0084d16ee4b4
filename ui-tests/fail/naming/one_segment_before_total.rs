use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics {
    /// Objects stored.
    objects_total: Counter,
}

fn main() {}
