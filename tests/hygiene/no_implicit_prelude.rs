//! Without a prelude: generated code names everything by its full path.
#![no_implicit_prelude]
#![forbid(unsafe_code)]
#![deny(warnings)]

#[derive(::core::clone::Clone, ::core::marker::Copy, ::datapunk_metrics::LabelValue)]
pub enum Operation {
    Read,
    Write,
}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::datapunk_metrics::LabelSet)]
pub struct Labels {
    pub operation: Operation,
    pub outcome: ::datapunk_metrics::Outcome,
}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::datapunk_metrics::StateValue)]
pub enum Breaker {
    Open = 0,
    Closed = 2,
}

#[derive(::core::clone::Clone, ::core::marker::Copy, ::datapunk_metrics::LabelSet)]
pub struct PathLabels<'a> {
    pub operation: Operation,
    pub path: &'a str,
}

/// Seconds since something.
fn age() -> f64 {
    1.5
}

/// Every kind of metric.
#[derive(::datapunk_metrics::MetricSet)]
#[metrics(namespace = "bare")]
pub struct BareMetrics {
    /// Operations.
    pub operations_total: ::datapunk_metrics::Counter<Labels>,
    /// Operations by path.
    pub paths_total: ::datapunk_metrics::Counter<PathLabels<'static>>,
    /// Objects.
    pub objects_current: ::datapunk_metrics::Gauge,
    /// Durations.
    pub read_duration_seconds: ::datapunk_metrics::Histogram<::datapunk_metrics::Seconds, Labels>,
    /// Sizes.
    #[metric(buckets = [1, 1024])]
    pub object_size_bytes: ::datapunk_metrics::Histogram<::datapunk_metrics::Bytes>,
    /// Share of reads.
    #[metric(ratio_of = operations_total, numerator(operation = Read))]
    pub read_share_ratio: ::datapunk_metrics::Ratio,
    /// Breaker.
    #[metric(initial = Closed)]
    pub circuit_breaker_state: ::datapunk_metrics::State<Breaker>,
    /// Build.
    #[metric(labels(version = "1"))]
    pub build_info: ::datapunk_metrics::Info,
    /// Age.
    #[metric(read = age)]
    pub age_seconds: ::datapunk_metrics::Gauge<(), f64>,
}

pub fn record() {
    let metrics = <BareMetrics as ::datapunk_metrics::MetricSet>::METRICS;
    metrics
        .operations_total
        .with(Labels { operation: Operation::Read, outcome: ::datapunk_metrics::Outcome::Ok })
        .inc();
    let operation = Operation::Write;
    ::datapunk_metrics::series!(metrics.paths_total, PathLabels { operation, path: "/" }).inc();
    metrics.objects_current.set(1);
    metrics.object_size_bytes.observe(3_usize);
    metrics.circuit_breaker_state.set(Breaker::Open);
}
