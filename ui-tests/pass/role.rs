use datapunk_metrics::{Counter, Gauge, Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Calls of the lake.
    #[metric(role = calls)]
    calls_made_total: Counter,
    /// Time taken by a call.
    #[metric(role = duration)]
    call_duration_seconds: Histogram<Seconds>,
    /// Calls that run.
    #[metric(role = in_flight)]
    calls_current: Gauge,
}

fn main() {}
