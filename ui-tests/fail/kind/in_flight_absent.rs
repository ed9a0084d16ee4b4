use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Searches that run.
    #[metric(initial = absent)]
    searches_in_flight_current: Gauge,
}

fn main() {}
