//! The toolkit under another name in `Cargo.toml`.
#![deny(warnings)]

use renamed::{Counter, Histogram, LabelSet, LabelValue, MetricSet, Seconds, State, StateValue};

#[derive(Clone, Copy, LabelValue)]
#[label(crate = ::renamed)]
pub enum Operation {
    Read,
    Write,
}

#[derive(Clone, Copy, LabelSet)]
#[label(crate = ::renamed)]
pub struct Labels {
    pub operation: Operation,
}

#[derive(Clone, Copy, LabelSet)]
#[label(crate = ::renamed)]
pub struct PathLabels<'a> {
    pub operation: Operation,
    pub path: &'a str,
}

#[derive(Clone, Copy, StateValue)]
#[state(crate = ::renamed)]
pub enum Breaker {
    Open = 0,
    Closed = 2,
}

#[derive(MetricSet)]
#[metrics(namespace = "renamed", crate = ::renamed)]
pub struct RenamedMetrics {
    /// Operations.
    pub operations_total: Counter<Labels>,
    /// Operations by path.
    pub paths_total: Counter<PathLabels<'static>>,
    /// Durations.
    pub read_duration_seconds: Histogram<Seconds, Labels>,
    /// Breaker.
    #[metric(initial = absent)]
    pub circuit_breaker_state: State<Breaker>,
}

pub fn record() {
    let metrics = RenamedMetrics::METRICS;
    metrics.operations_total.with(Labels { operation: Operation::Write }).inc();
    renamed::series!(metrics.paths_total, PathLabels { operation: Operation::Read, path: "/" }).inc();
}
