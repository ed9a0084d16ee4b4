use datapunk_metrics::{Histogram, MetricSet, Seconds};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Size of stored objects.
    object_size_bytes: Histogram<Seconds>,
}

fn main() {}
