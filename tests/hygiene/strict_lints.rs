//! Generated code passes the lints that strict projects turn on, and fields that no code reads do not warn.
#![forbid(unsafe_code)]
#![deny(warnings, clippy::all, clippy::pedantic, clippy::nursery)]
#![deny(missing_docs, missing_debug_implementations, unreachable_pub, unused_qualifications)]
#![deny(unused_results, single_use_lifetimes, trivial_casts, trivial_numeric_casts, variant_size_differences)]
#![deny(clippy::indexing_slicing, clippy::unwrap_used, clippy::panic, clippy::as_conversions)]

use datapunk_metrics::{Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Seconds, State, StateValue};

#[derive(Clone, Copy, Debug, LabelValue)]
enum Operation {
    Read,
    #[label(rename = "rm")]
    Delete,
}

#[derive(Clone, Copy, Debug, LabelSet)]
struct Labels {
    operation: Operation,
    cached: bool,
}

#[derive(Clone, Copy, Debug, LabelSet)]
struct PathLabels<'a> {
    operation: Operation,
    path: &'a str,
}

#[derive(Clone, Copy, Debug, StateValue)]
enum Breaker {
    Open = 0,
    Closed = 2,
}

const fn age() -> f64 {
    1.5
}

/// Private metrics, of which two are never recorded by code.
#[derive(MetricSet)]
#[metrics(namespace = "strict")]
struct StrictMetrics {
    /// Operations.
    operations_total: Counter<Labels>,
    /// Operations by path.
    paths_total: Counter<PathLabels<'static>>,
    /// Durations.
    read_duration_seconds: Histogram<Seconds>,
    /// Breaker.
    #[metric(initial = Closed)]
    circuit_breaker_state: State<Breaker>,
    /// Events of the old kind.
    #[deprecated]
    events_total: Counter,
    /// Build.
    #[metric(labels(version = env!("CARGO_PKG_VERSION")))]
    build_info: Info,
    /// Age.
    #[metric(read = age)]
    age_seconds: Gauge<(), f64>,
}

const STRICT: StrictMetrics = StrictMetrics::METRICS;

/// Records something of all that code records.
pub fn record(cached: bool) {
    STRICT.operations_total.with(Labels { operation: Operation::Read, cached }).inc();
    STRICT.operations_total.with(Labels { operation: Operation::Delete, cached }).inc();
    datapunk_metrics::series!(STRICT.paths_total, PathLabels { operation: Operation::Read, path: "/" }).inc();
    let () = STRICT.read_duration_seconds.time(|| ());
    STRICT.circuit_breaker_state.set(if cached { Breaker::Open } else { Breaker::Closed });
}
