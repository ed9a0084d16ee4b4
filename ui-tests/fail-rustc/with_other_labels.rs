use datapunk_metrics::{Counter, LabelSet, MetricSet};

#[derive(Clone, Copy, LabelSet)]
struct StoreLabels {
    cached: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter<StoreLabels>,
}

fn main() {
    LakeMetrics::METRICS
        .objects_stored_total
        .with("cached")
        .inc();
}
