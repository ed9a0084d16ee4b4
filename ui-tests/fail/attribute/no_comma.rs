use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(name = "objects_stored_total" max_series = 5)]
    objects: Counter,
}

fn main() {}
