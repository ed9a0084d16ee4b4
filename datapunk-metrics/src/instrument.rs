//! Instrumented calls: what is recorded when a function is called and when it ends.

use core::time::Duration;

use crate::labels::{Outcome, StatusClass, StatusCode};
use crate::set::MetricSet;

/// The labels of a call that starts.
#[derive(Clone, Copy, Debug)]
pub struct Started<C> {
    /// What is known of the call.
    pub labels: C,
}

/// A call that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Completed<C> {
    /// What was known of the call when it started.
    pub labels: C,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status of its answer; 500 if it panicked, 499 if it was cancelled.
    pub status: StatusCode,
}

impl<C> From<Started<C>> for () {
    fn from(_: Started<C>) {}
}

impl<C> From<Completed<C>> for () {
    fn from(_: Completed<C>) {}
}

impl From<StatusCode> for StatusClass {
    fn from(code: StatusCode) -> Self {
        code.class()
    }
}

/// A set whose metrics have roles, for `#[instrument_metrics(set = …)]`. `#[derive(MetricSet)]` implements it.
pub trait Instrument: MetricSet {
    /// What is known of a call when it starts.
    type Labels<'a>: Copy;

    /// Counts a call in flight.
    fn started(call: Started<Self::Labels<'_>>);

    /// Counts a call that is no longer in flight, with how it ended and how long it took.
    fn completed(call: Completed<Self::Labels<'_>>, elapsed: Duration);
}
