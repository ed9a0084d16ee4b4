use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(allow(format, reason = "an old name"))]
    objects_stored_total: Counter,
}

fn main() {}
