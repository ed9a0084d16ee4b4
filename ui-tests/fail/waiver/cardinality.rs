use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(allow(cardinality, reason = "it has to be wide"))]
    objects_stored_total: Counter,
}

fn main() {}
