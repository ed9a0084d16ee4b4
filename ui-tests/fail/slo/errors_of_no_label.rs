use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, Outcome};

#[derive(Clone, Copy, LabelValue)]
enum Operation {
    Read,
    Write,
}

#[derive(Clone, Copy, LabelSet)]
struct Labels {
    operation: Operation,
    status: Outcome,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Operations on the storage.
    #[metric(slo(objective = 99.9, errors(outcome = [Error])))]
    operations_total: Counter<Labels>,
}

fn main() {}
