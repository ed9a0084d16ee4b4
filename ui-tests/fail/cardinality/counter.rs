use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, StatusCode};

#[derive(Clone, Copy, LabelSet)]
struct CallLabels {
    method: Method,
    status: StatusCode,
    retried: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Calls, by method, status and retry.
    calls_made_total: Counter<CallLabels>,
}

fn main() {}
