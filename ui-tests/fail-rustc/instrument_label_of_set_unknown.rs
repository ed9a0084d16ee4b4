use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, instrument_metrics};

#[derive(Clone, Copy, LabelValue)]
enum Model {
    Bert,
}

#[derive(Clone, Copy, LabelSet)]
struct Call {
    model: Model,
    cached: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "cortex", labels = Call)]
struct CallMetrics {
    /// Calls, by model and whether they were cached.
    #[metric(role = calls)]
    calls_total: Counter<Call>,
}

#[instrument_metrics(set = CallMetrics, labels(model = Model::Bert, cached = true, x = true))]
fn load() {}

fn main() {}
