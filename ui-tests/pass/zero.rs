use datapunk_metrics::{Counter, LabelSet, Method, MetricSet, StatusCode};

#[derive(Clone, Copy, LabelSet)]
struct AnswerLabels {
    status: StatusCode,
    method: Method,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Answers given.
    #[metric(zero = [200, 500, "404"])]
    answers_given_total: Counter<AnswerLabels>,
}

fn main() {}
