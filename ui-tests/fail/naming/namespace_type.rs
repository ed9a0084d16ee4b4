use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake_counter")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter,
}

fn main() {}
