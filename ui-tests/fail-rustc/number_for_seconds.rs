use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Time taken by a search.
    search_duration_seconds: Histogram<Seconds>,
}

fn main() {
    LakeMetrics::METRICS.search_duration_seconds.observe(0.25);
}
