use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics<'a> {
    /// Objects stored.
    lake_objects_stored_total: Counter<&'a str>,
}

fn main() {}
