use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(nmae = "objects_total")]
    objects_stored_total: Counter,
}

fn main() {}
