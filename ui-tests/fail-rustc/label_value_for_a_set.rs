use datapunk_metrics::{Counter, LabelValue, MetricSet};

#[derive(Clone, Copy, LabelValue)]
enum Tier {
    Gold,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter<Tier>,
}

fn main() {}
