use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = lake)]
struct LakeMetrics {
    /// Objects stored.
    lake_objects_stored_total: Counter,
}

fn main() {}
