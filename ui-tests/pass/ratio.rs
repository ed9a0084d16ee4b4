use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, Ratio};

#[derive(Clone, Copy, LabelValue)]
enum Lookup {
    Hit,
    Stale,
    Miss,
}

#[derive(Clone, Copy, LabelSet)]
struct CacheLabels {
    shared: bool,
    result: Lookup,
}

#[derive(Clone, Copy, LabelSet)]
struct SharedLabels {
    shared: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Look-ups, by cache and result.
    cache_requests_total: Counter<CacheLabels>,
    /// Share of look-ups that hit.
    #[metric(ratio_of = cache_requests_total, numerator(result = Hit))]
    cache_hit_ratio: Ratio,
    /// The same by cache, for values that are named as they are exposed.
    #[metric(ratio_of = cache_requests_total, numerator(result = ["hit", "stale"]), window = "90s")]
    cache_answer_ratio: Ratio<SharedLabels>,
}

fn main() {
    for result in [Lookup::Hit, Lookup::Stale, Lookup::Miss] {
        LakeMetrics::METRICS
            .cache_requests_total
            .with(CacheLabels {
                shared: true,
                result,
            })
            .inc();
    }
    let _ = SharedLabels { shared: false };
}
