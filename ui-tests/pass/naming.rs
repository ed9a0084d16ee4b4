use datapunk_metrics::{Counter, Gauge, Info, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake_2")]
struct NamedMetrics {
    /// The namespace is a segment of its own.
    objects_total: Counter,
}

#[derive(MetricSet)]
struct LakeMetrics {
    /// A name of two segments.
    #[metric(labels(version = "1.0"))]
    lake_info: Info,
    /// Two segments before the ending, the first of them from the struct below.
    lake_objects_total: Counter,
    /// Whether the lake serves.
    service_up: Gauge,
    /// Part of a word that is a metric type.
    lake_gauges_current: Gauge,
    /// An exception of the client libraries.
    process_open_fds: Gauge,
    /// A name that is kept, with a reason.
    #[metric(allow(naming, reason = "dashboards use it"))]
    objects_total: Counter,
    /// A raw identifier.
    lake_objects: NamedMetrics,
}

fn main() {
    assert_eq!(
        NamedMetrics::DESCRIPTOR.metrics[0].name,
        "lake_2_objects_total"
    );
    assert_eq!(LakeMetrics::DESCRIPTOR.nested.len(), 1);
}
