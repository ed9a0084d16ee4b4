use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake", profile = prometheus)]
struct LakeMetrics {
    /// Objects stored.
    #[metric(name = "objects:stored_total")]
    objects: Counter,
}

fn main() {}
