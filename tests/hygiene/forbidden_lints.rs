//! Lints are forbidden, so that an `allow` of them in generated code does not compile. (Not `clippy::pedantic` and
//! `clippy::nursery`: the attribute that collects sets at link time allows two of theirs itself.)
#![forbid(unsafe_code)]
#![forbid(dead_code, missing_docs, non_upper_case_globals, unreachable_pub, unused)]
#![forbid(future_incompatible, let_underscore, nonstandard_style, rust_2018_idioms)]
#![forbid(missing_copy_implementations, missing_debug_implementations, unit_bindings, unused_lifetimes)]
#![forbid(trivial_casts, trivial_numeric_casts, unused_qualifications, unused_results, unnameable_types)]
#![forbid(elided_lifetimes_in_paths, explicit_outlives_requirements, single_use_lifetimes)]
#![forbid(clippy::all)]
#![deny(clippy::pedantic, clippy::nursery)]
#![forbid(clippy::arithmetic_side_effects, clippy::as_conversions, clippy::indexing_slicing, clippy::shadow_same)]
#![forbid(clippy::panic, clippy::pattern_type_mismatch, clippy::unwrap_used)]
#![deny(clippy::absolute_paths, clippy::default_numeric_fallback, clippy::missing_asserts_for_indexing)]

use datapunk_metrics::{
    Counter, Gauge, Histogram, Info, LabelSet, LabelValue, MetricSet, Outcome, Ratio, Seconds, State, StateValue,
};

/// What is done.
#[derive(Clone, Copy, Debug, LabelValue)]
pub enum Operation {
    /// Nothing changes.
    Read,
    /// Something is gone.
    Delete,
}

/// What is known when a call starts.
#[derive(Clone, Copy, Debug, LabelSet)]
pub struct CallLabels {
    /// What is done.
    pub operation: Operation,
    /// Whether the cache knows it.
    pub cached: bool,
}

/// What is known when it has ended.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(from = CallLabels)]
pub struct AnswerLabels {
    /// What was done.
    pub operation: Operation,
    /// How it ended.
    pub outcome: Outcome,
}

/// A circuit breaker.
#[derive(Clone, Copy, Debug, StateValue)]
pub enum Breaker {
    /// Lets nothing pass.
    Open = 0,
    /// Lets all pass.
    Closed = 2,
}

const fn age() -> f64 {
    1.5
}

const BOUNDS: &[f64] = &[0.5, 1.0];

/// Metrics of every kind.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "forbidden", labels = CallLabels)]
pub struct ForbiddenMetrics {
    /// Operations.
    #[metric(role = calls)]
    pub operations_total: Counter<AnswerLabels>,
    /// Durations.
    #[metric(role = duration, buckets = BOUNDS)]
    pub operation_duration_seconds: Histogram<Seconds, CallLabels>,
    /// Operations at work.
    #[metric(role = in_flight)]
    pub operations_in_flight_current: Gauge<CallLabels>,
    /// Share of reads.
    #[metric(ratio_of = operations_total, numerator(operation = Read))]
    pub read_share_ratio: Ratio,
    /// Workers.
    #[metric(initial = -1)]
    pub workers_current: Gauge,
    /// Breaker.
    #[metric(initial = Closed)]
    pub circuit_breaker_state: State<Breaker>,
    /// Build.
    #[metric(labels(version = "1"))]
    pub build_info: Info,
    /// Age.
    #[metric(read = age)]
    pub age_seconds: Gauge<(), f64>,
}

/// Records something.
pub fn record(operation: Operation) {
    let labels = AnswerLabels {
        operation,
        outcome: Outcome::Ok,
    };
    ForbiddenMetrics::METRICS.operations_total.with(labels).inc();
}
