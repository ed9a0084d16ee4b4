use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet, Ratio};

#[derive(Clone, Copy, LabelValue)]
enum Lookup {
    Hit,
    Miss,
}

#[derive(Clone, Copy, LabelSet)]
struct CacheLabels {
    result: Lookup,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Look-ups, by result.
    cache_requests_total: Counter<CacheLabels>,
    /// Share of look-ups that hit.
    #[metric(ratio_of = lookups, numerator(result = Hit))]
    cache_hit_ratio: Ratio,
}

fn main() {}
