use datapunk_metrics::{Histogram, MetricSet};

type Octets = datapunk_metrics::Bytes;

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Size of stored objects.
    #[metric(buckets = [256, 4096])]
    object_size: Histogram<Octets>,
}

fn main() {}
