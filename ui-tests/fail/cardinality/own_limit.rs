use datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome};

#[derive(Clone, Copy, LabelSet)]
struct StoreLabels {
    outcome: Outcome,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    #[metric(max_series = 3)]
    objects_stored_total: Counter<StoreLabels>,
}

fn main() {}
