use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
struct LakeMetrics {
    /// Answers with a 2xx status.
    #[metric(name = "2xx_answers_total")]
    answers: Counter,
}

fn main() {}
