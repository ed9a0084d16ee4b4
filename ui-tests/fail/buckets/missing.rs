use datapunk_metrics::{Bytes, Histogram, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Size of stored objects.
    object_size_bytes: Histogram<Bytes>,
}

fn main() {}
