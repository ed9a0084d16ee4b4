//! Near misses of the rules about objectives.

use datapunk_metrics::{
    Counter, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Ratio, Seconds, StatusClass,
    StatusCode,
};

const BOUNDS: [f64; 2] = [0.25, 1.0];

#[derive(Clone, Copy, LabelSet)]
struct OutcomeLabels {
    outcome: Outcome,
}

#[derive(Clone, Copy, LabelSet)]
struct CodeLabels {
    status: StatusCode,
}

#[derive(Clone, Copy, LabelSet)]
struct ClassLabels {
    status: StatusClass,
}

#[derive(Clone, Copy, LabelValue)]
enum Answer {
    Yes,
    No,
    #[label(rename = "may be")]
    Perhaps,
}

#[derive(Clone, Copy, LabelSet)]
struct AnswerLabels {
    answer: Answer,
}

#[derive(MetricSet)]
#[metrics(namespace = "oracle")]
struct OracleMetrics {
    /// Time taken by a question, with the default bounds.
    #[metric(slo(objective = 99, threshold = 1))]
    question_duration_seconds: Histogram<Seconds>,
    /// Time taken by an answer, with bounds of a constant.
    #[metric(buckets = BOUNDS, slo(objective = 50.5, threshold = 0.25))]
    answer_duration_seconds: Histogram<Seconds>,
    /// Questions, by outcome.
    #[metric(slo(objective = 99.9))]
    questions_asked_total: Counter<OutcomeLabels>,
    /// Requests, by code.
    #[metric(slo(objective = 99.99))]
    requests_coded_total: Counter<CodeLabels>,
    /// Requests, by class.
    #[metric(slo(objective = 99.99))]
    requests_classed_total: Counter<ClassLabels>,
    /// Answers, of which some are useless; by variant and by text.
    #[metric(slo(objective = 90, errors(answer = [No, "may be"])))]
    answers_given_total: Counter<AnswerLabels>,
    /// The share of answers that are of use.
    #[metric(ratio_of = answers_given_total, numerator(answer = Yes), slo(objective = 80))]
    useful_ratio: Ratio,
}

fn main() {
    let _ = (OracleMetrics::METRICS, Answer::Yes, Answer::No, Answer::Perhaps);
    let objectives = OracleMetrics::DESCRIPTOR.metrics;
    assert!(objectives.iter().all(|metric| metric.objective.is_some()));
}
