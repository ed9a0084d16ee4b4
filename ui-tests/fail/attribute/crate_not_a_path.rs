use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(crate = "datapunk_metrics")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter,
}

fn main() {}
