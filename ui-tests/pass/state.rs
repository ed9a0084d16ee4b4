use datapunk_metrics::{Gauge, LabelSet, MetricSet, State, StateValue};

#[derive(Clone, Copy, StateValue)]
enum Breaker {
    Open,
    HalfOpen,
    Closed,
}

#[derive(Clone, Copy, LabelSet)]
struct ReplicaLabels {
    first: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The breaker towards the index.
    #[metric(initial = HalfOpen)]
    breaker_state: State<Breaker>,
    /// The same, by replica.
    #[metric(initial = absent)]
    breaker_status: State<Breaker, ReplicaLabels>,
    /// Objects that wait.
    #[metric(initial = -1)]
    queue_objects_current: Gauge,
    /// Searches that run.
    searches_in_flight_current: Gauge,
}

fn main() {
    let lake = LakeMetrics::METRICS;
    assert_eq!(lake.breaker_state.get(), Some(1));
    assert_eq!(
        lake.breaker_status
            .with(ReplicaLabels { first: true })
            .get(),
        None
    );
    assert_eq!(lake.queue_objects_current.get(), Some(-1));
    assert_eq!(lake.searches_in_flight_current.get(), Some(0));
    for state in [Breaker::Open, Breaker::HalfOpen, Breaker::Closed] {
        lake.breaker_state.set(state);
    }
}
