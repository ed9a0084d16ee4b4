//! What the client counts about itself.

use std::thread;
use std::time::Instant;

use crate::push::{PushCause, PushError};
use crate::{Counter, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Seconds};

/// What is asked of a Pushgateway.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum Operation {
    /// Metrics are sent.
    Push,
    /// A group is deleted.
    Delete,
}

/// Why a try failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum TryFault {
    /// There was no connection, or it broke.
    Unreachable,
    /// There was no answer in time.
    Timeout,
    /// The answer was a redirect.
    Redirected,
    /// The answer was 429.
    Limited,
    /// The answer was a 5xx.
    Failing,
    /// Any other answer that is no success.
    Refused,
}

/// Labels of a push or a deletion.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct PushLabels {
    /// Which of the two.
    pub operation: Operation,
    /// How it ended.
    pub outcome: Outcome,
}

/// Labels of a try that failed.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct TryLabels {
    /// Why it failed.
    pub reason: TryFault,
}

/// Pushes, as the client counts them.
///
/// The registry of the program has the set. A registry of one's own is given it with
/// [`register`](crate::Registry::register). A push sends the counts of those before it.
///
/// ```
/// use datapunk_metrics::push::PushMetrics;
/// use datapunk_metrics::{MetricSet, Registry};
///
/// let registry = Registry::new();
/// registry.register::<PushMetrics>()?;
/// assert_eq!(PushMetrics::METRICS.push_duration_seconds.count(), 0);
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "datapunk_metrics", crate = crate)]
pub struct PushMetrics {
    /// Pushes and deletions, by outcome; `cancelled` are those whose future was dropped or that a shutdown cut short.
    pub pushes_total: Counter<PushLabels>,
    /// Tries of pushes and deletions that failed, by reason.
    pub push_tries_failed_total: Counter<TryLabels>,
    /// Values of grouping keys that were masked, because they hold secrets or personal data.
    pub push_values_masked_total: Counter,
    /// Time taken by a push or a deletion with all its tries.
    #[metric(buckets = [0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30])]
    pub push_duration_seconds: Histogram<Seconds>,
}

pub(super) const PUSH: PushMetrics = PushMetrics::METRICS;

/// A push that is counted once it ends, however it does.
pub(super) struct Recording {
    operation: Operation,
    started: Instant,
    outcome: Option<Outcome>,
    /// Whether the thread was unwinding already, which is somebody else's panic.
    was_panicking: bool,
}

impl Recording {
    pub(super) fn begin(operation: Operation) -> Self {
        Self {
            operation,
            started: Instant::now(),
            outcome: None,
            was_panicking: thread::panicking(),
        }
    }

    pub(super) fn end(mut self, result: Result<(), PushError>) -> Result<(), PushError> {
        self.outcome = Some(match &result {
            Ok(()) => Outcome::Ok,
            Err(error) if matches!(error.cause(), PushCause::Stopped) => Outcome::Cancelled,
            Err(_) => Outcome::Error,
        });
        result
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        let outcome = self.outcome.unwrap_or_else(|| {
            if thread::panicking() && !self.was_panicking {
                Outcome::Panicked
            } else {
                Outcome::Cancelled
            }
        });
        PUSH.pushes_total
            .with(PushLabels {
                operation: self.operation,
                outcome,
            })
            .inc();
        PUSH.push_duration_seconds.observe(self.started.elapsed());
    }
}
