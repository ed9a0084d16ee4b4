use datapunk_metrics::{Float, Histogram, MetricSet, Unit};

/// Decibels relative to full scale.
struct Decibels;

impl Unit for Decibels {
    const SUFFIX: &'static str = "decibels";
    type Encoding = Float;
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Loudness of a played block.
    #[metric(buckets = [-60.0, -10.0, 0.0])]
    block_loudness: Histogram<Decibels>,
}

fn main() {}
