use datapunk_metrics::{MetricSet, State, StateValue};

#[derive(Clone, Copy, StateValue)]
enum Mode {
    Open,
    Closed,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Whether writes are taken.
    #[metric(initial = absent)]
    write_mode: State<Mode>,
}

fn main() {}
