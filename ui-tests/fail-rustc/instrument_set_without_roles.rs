use datapunk_metrics::{Counter, MetricSet, instrument_metrics};

#[derive(MetricSet)]
#[metrics(namespace = "cortex")]
struct PlainMetrics {
    /// Calls.
    calls_total: Counter,
}

#[instrument_metrics(set = PlainMetrics)]
fn load() {}

fn main() {}
