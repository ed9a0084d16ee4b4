use datapunk_metrics::{Counter, MetricSet, Ratio};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Look-ups.
    cache_requests_total: Counter,
    /// Share of look-ups that hit.
    #[metric(ratio_of = cache_requests_total, numerator(result = Hit))]
    cache_hit_ratio: Ratio,
}

fn main() {}
