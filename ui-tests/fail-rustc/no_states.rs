use datapunk_metrics::{MetricSet, State};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The breaker towards the index.
    #[metric(initial = absent)]
    breaker_state: State<u8>,
}

fn main() {}
