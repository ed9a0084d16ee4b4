use datapunk_metrics::{Counter, LabelSet, MetricSet, Ratio};

#[derive(Clone, Copy, LabelSet)]
struct CacheLabels {
    hit: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Look-ups, by result.
    cache_requests_total: Counter<CacheLabels>,
    /// Share of look-ups that hit.
    #[metric(ratio_of = cache_requests_total, numerator(hit = "true"))]
    cache_hit_rate: Ratio,
}

fn main() {}
