use datapunk_metrics::MetricSet;

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The cache of the lake.
    cache: String,
}

fn main() {}
