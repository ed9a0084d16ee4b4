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
    block_loudness_decibels: Histogram<Decibels>,
}

fn main() {}
