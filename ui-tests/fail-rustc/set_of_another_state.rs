use datapunk_metrics::{MetricSet, State, StateValue};

#[derive(Clone, Copy, StateValue)]
enum Breaker {
    Open,
    HalfOpen,
    Closed,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The breaker towards the index.
    #[metric(initial = Closed)]
    breaker_state: State<Breaker>,
}

fn main() {
    LakeMetrics::METRICS.breaker_state.set(2);
}
