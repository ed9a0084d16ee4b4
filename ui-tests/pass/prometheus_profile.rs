use datapunk_metrics::{Counter, Gauge, Histogram, Info, MetricSet, Seconds};

/// What promlint accepts is accepted, whatever the standard says of it.
#[derive(MetricSet)]
#[metrics(profile = prometheus)]
struct OldMetrics {
    /// One segment.
    goroutines: Gauge,
    /// No suffix.
    queue_length: Gauge,
    /// One segment before the ending.
    requests_total: Counter,
    /// A unit that the standard does not have.
    room_kelvin: Gauge<(), f64>,
    /// No unit.
    request_latency: Histogram<Seconds>,
    /// Labels of the target.
    #[metric(labels(service = "old"))]
    old_info: Info,
}

fn main() {
    assert_eq!(OldMetrics::DESCRIPTOR.metrics.len(), 6);
}
