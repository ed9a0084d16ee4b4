use datapunk_metrics::{Bytes, Histogram, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Size of stored objects.
    #[metric(buckets = [256, 4096])]
    object_size_bytes: Histogram<Bytes>,
}

fn main() {
    LakeMetrics::METRICS.object_size_bytes.time(|| ());
}
