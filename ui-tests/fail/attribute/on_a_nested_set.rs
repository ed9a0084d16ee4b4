use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "cache")]
struct CacheMetrics {
    /// Entries evicted.
    entries_evicted_total: Counter,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The cache of the lake.
    #[metric(max_series = 5)]
    cache: CacheMetrics,
}

fn main() {}
