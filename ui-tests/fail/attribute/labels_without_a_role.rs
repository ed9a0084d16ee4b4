use datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome};

#[derive(Clone, Copy, LabelSet)]
struct CallLabels {
    outcome: Outcome,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake", labels = CallLabels)]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter<CallLabels>,
}

fn main() {}
