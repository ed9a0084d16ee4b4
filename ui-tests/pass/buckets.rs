use datapunk_metrics::{Bytes, Celsius, Histogram, Items, MetricSet, Seconds, exponential_buckets};

const BOUNDS: [f64; 8] = exponential_buckets(256.0, 4.0);

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// The buckets of the standard.
    search_duration_seconds: Histogram<Seconds>,
    /// A list of numbers of both kinds.
    #[metric(buckets = [0, 0.5, 1])]
    load_duration_seconds: Histogram<Seconds>,
    /// One bound.
    #[metric(buckets = [1])]
    batch_size: Histogram<Items>,
    /// A constant of its own.
    #[metric(buckets = BOUNDS)]
    object_size_bytes: Histogram<Bytes>,
    /// Values below 0 exist in this unit.
    #[metric(buckets = [-10.0, 0.0, 10.0])]
    rack_celsius: Histogram<Celsius>,
}

fn main() {
    assert_eq!(LakeMetrics::DESCRIPTOR.metrics[0].buckets.len(), 8);
    assert_eq!(LakeMetrics::DESCRIPTOR.metrics[3].buckets[1], 1024.0);
}
