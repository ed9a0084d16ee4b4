use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Searches that run.
    #[metric(role = in_flight)]
    searches: Gauge,
}

fn main() {}
