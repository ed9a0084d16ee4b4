use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics<T> {
    /// Objects stored.
    lake_objects_stored_total: Counter<(), T>,
}

fn main() {}
