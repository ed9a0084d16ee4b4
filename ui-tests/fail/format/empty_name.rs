use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics {
    /// Objects stored.
    #[metric(name = "")]
    objects: Counter,
}

fn main() {}
