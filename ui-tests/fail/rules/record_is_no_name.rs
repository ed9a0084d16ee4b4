use datapunk_metrics::rules::RuleFiles;
use datapunk_metrics::{Counter, Gauge, Histogram, LabelSet, Outcome, Seconds, MetricSet, include_rules};

#[derive(Clone, Copy, LabelSet)]
struct LetterLabels {
    outcome: Outcome,
    express: bool,
}

/// Metrics of the post.
#[derive(MetricSet)]
#[metrics(namespace = "post")]
struct PostMetrics {
    /// Letters sent.
    letters_sent_total: Counter<LetterLabels>,
    /// Letters waiting.
    letters_waiting_current: Gauge,
    /// Time until delivery.
    #[metric(buckets = [0.1, 1.0, 10.0])]
    delivery_duration_seconds: Histogram<Seconds>,
}

const _: RuleFiles = include_rules!(["./record_is_no_name.yml"], sets = [PostMetrics]);

fn main() {}
