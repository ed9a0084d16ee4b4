use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake_ms")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter,
    /// Objects deleted.
    objects_deleted_total: Counter,
}

fn main() {}
