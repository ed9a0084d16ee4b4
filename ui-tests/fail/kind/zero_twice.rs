use datapunk_metrics::{Counter, LabelSet, MetricSet, StatusCode};

#[derive(Clone, Copy, LabelSet)]
struct AnswerLabels {
    status: StatusCode,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Answers given.
    #[metric(zero = [200, 200])]
    answers_given_total: Counter<AnswerLabels>,
}

fn main() {}
