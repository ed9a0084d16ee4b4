use datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome};

#[derive(Clone, Copy, LabelSet)]
struct AnswerLabels {
    outcome: Outcome,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Answers given.
    #[metric(zero = ["ok"])]
    answers_given_total: Counter<AnswerLabels>,
}

fn main() {}
