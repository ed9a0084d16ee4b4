use datapunk_metrics::{Counter, Histogram, LabelSet, MetricSet, Seconds, StatusCode};

const BUDGET: usize = 200;

#[derive(Clone, Copy, LabelSet)]
struct AnswerLabels {
    status: StatusCode,
    cached: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Exactly as many as the budget allows.
    #[metric(max_series = 132)]
    answers_given_total: Counter<AnswerLabels>,
    /// More than 1,000, and the budget says so.
    #[metric(max_series = 1452)]
    answer_duration_seconds: Histogram<Seconds, AnswerLabels>,
    /// A budget as a constant.
    #[metric(max_series = BUDGET)]
    answers_lost_total: Counter<AnswerLabels>,
    /// No labels.
    #[metric(max_series = 1)]
    objects_stored_total: Counter,
}

fn main() {
    assert_eq!(AnswerLabels::CARDINALITY, 132);
}
