use datapunk_metrics::MetricSet;

/// A set holds sets, with their own names.
#[derive(MetricSet)]
struct AllMetrics {
    cache: cache::CacheMetrics,
    #[cfg(any())]
    never: Never,
}

mod cache {
    use datapunk_metrics::MetricSet;

    #[derive(MetricSet)]
    #[metrics(namespace = "cache")]
    pub struct CacheMetrics {
        /// Entries evicted; the type is written with its path.
        pub entries_evicted_total: datapunk_metrics::Counter,
    }
}

fn main() {
    #[derive(MetricSet)]
    #[metrics(namespace = "local")]
    struct LocalMetrics {
        /// A set may be declared in a function.
        calls_made_total: datapunk_metrics::Counter<()>,
    }

    AllMetrics::METRICS.cache.entries_evicted_total.inc();
    LocalMetrics::METRICS.calls_made_total.inc();
    assert_eq!(LocalMetrics::METRICS.calls_made_total.get(), 1);
}
