use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(allow(help, reason = "the name says it"))]
    objects_stored_total: Counter,
}

fn main() {}
