use datapunk_metrics::{Counter, LabelSet, MetricSet, StatusCode};

#[derive(Clone, Copy, LabelSet)]
struct AnswerLabels {
    status: StatusCode,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Answers given.
    #[metric(zero = [Ok])]
    answers_given_total: Counter<AnswerLabels>,
}

fn main() {}
