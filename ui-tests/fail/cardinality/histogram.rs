use datapunk_metrics::{Histogram, LabelSet, Method, MetricSet, Seconds, StatusClass};

#[derive(Clone, Copy, LabelSet)]
struct CallLabels {
    method: Method,
    class: StatusClass,
    retried: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a call.
    call_duration_seconds: Histogram<Seconds, CallLabels>,
}

fn main() {}
