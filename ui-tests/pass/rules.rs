use datapunk_metrics::rules::RuleFiles;
use datapunk_metrics::{
    Counter, Gauge, Histogram, Info, LabelSet, MetricSet, Outcome, Seconds, include_rules,
};

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
    /// What runs.
    #[metric(labels(version = "1.2.0", commit = "ab12"))]
    build_info: Info,
}

/// A set that holds another one.
#[derive(MetricSet)]
struct AllMetrics {
    post: PostMetrics,
}

const RULES: RuleFiles = include_rules!(
    ["./rules/near_misses.yml"],
    sets = [AllMetrics],
    external = { mail_queue_length: [queue], mail_queue_info: [queue, region], "other:metric": [] },
    scrape_interval = "15s",
);

fn main() {
    let [file] = RULES.files() else { panic!() };
    assert_eq!(file.path(), "./rules/near_misses.yml");
    assert_eq!(file.notes().count(), 0);
    assert!(file.text().contains("NameTwice"));
    let _ = (LetterLabels { outcome: Outcome::Ok, express: true }, AllMetrics::METRICS);
}
