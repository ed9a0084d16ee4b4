use datapunk_metrics::{Counter, LabelSet, MetricSet, Ratio};

#[derive(Clone, Copy, LabelSet)]
struct CacheLabels<'a> {
    cache: &'a str,
    hit: bool,
}

#[derive(Clone, Copy, LabelSet)]
struct HitLabels {
    hit: bool,
}

#[derive(MetricSet)]
struct LakeMetrics {
    /// Look-ups.
    cache_requests_total: Counter<CacheLabels<'static>>,
    /// Share of the look-ups in one cache.
    #[metric(ratio_of = cache_requests_total, numerator(cache = "pages"))]
    cache_pages_ratio: Ratio<HitLabels>,
}

fn main() {}
