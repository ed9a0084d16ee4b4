use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Calls.
    #[metric(role = calls)]
    calls_made_total: Counter,
    /// Calls to others.
    #[metric(role = calls)]
    calls_sent_total: Counter,
}

fn main() {}
