//! A running timer.

use core::time::Duration;
use std::time::Instant;

use super::HistogramSeries;
use crate::unit::{Nanoseconds, Unit};

/// Records the time since it was started, once: when it is stopped or dropped, during a panic too.
///
/// ```
/// use datapunk_metrics::{Histogram, MetricSet, Seconds};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "build")]
/// struct BuildMetrics {
///     /// Time taken by a build.
///     duration_seconds: Histogram<Seconds>,
/// }
/// const BUILD: BuildMetrics = BuildMetrics::METRICS;
///
/// let timer = BUILD.duration_seconds.start_timer();
/// let took = timer.stop();
/// BUILD.duration_seconds.start_timer().discard();
///
/// assert_eq!(BUILD.duration_seconds.count(), 1);
/// assert_eq!(BUILD.duration_seconds.sum(), took.as_secs_f64());
/// ```
#[must_use = "a timer records as soon as it is dropped"]
pub struct Timer<U: Unit<Encoding = Nanoseconds>> {
    series: HistogramSeries<U>,
    started: Instant,
    records: bool,
}

impl<U: Unit<Encoding = Nanoseconds>> Timer<U> {
    pub(super) fn start(series: HistogramSeries<U>) -> Self {
        Self {
            series,
            started: Instant::now(),
            records: true,
        }
    }

    /// Records now, and tells the time that it recorded.
    #[expect(
        clippy::must_use_candidate,
        reason = "recording is what it is called for"
    )]
    pub fn stop(mut self) -> Duration {
        let elapsed = self.started.elapsed();
        self.records = false;
        self.series.record(elapsed);
        elapsed
    }

    /// Ends the timer without recording.
    pub fn discard(mut self) {
        self.records = false;
    }
}

impl<U: Unit<Encoding = Nanoseconds>> Drop for Timer<U> {
    fn drop(&mut self) {
        if self.records {
            self.series.record(self.started.elapsed());
        }
    }
}

impl<U: Unit<Encoding = Nanoseconds>> core::fmt::Debug for Timer<U> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Timer")
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}
