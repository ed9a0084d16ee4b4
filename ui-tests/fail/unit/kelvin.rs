use datapunk_metrics::{Gauge, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Temperature of the rack.
    rack_temperature_kelvin: Gauge<(), f64>,
}

fn main() {}
