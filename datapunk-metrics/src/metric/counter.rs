//! Counters: totals that only go up.

use core::marker::PhantomData;

use datapunk_metrics_conventions::Kind;

use super::{Metric, Recorded, Resolved, handle_traits};
use crate::cells::{Number, Storage};
use crate::labels::LabelSet;

/// A total that only goes up, one for each label set. Its name ends in `_total`.
///
/// `T` is `u64`, or `f64` for totals such as processor seconds.
///
/// ```
/// use datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct JobLabels { outcome: Outcome }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "worker")]
/// struct WorkerMetrics {
///     /// Jobs done, by outcome.
///     jobs_done_total: Counter<JobLabels>,
///     /// Processor time used by jobs.
///     cpu_seconds_total: Counter<(), f64>,
/// }
/// const WORKER: WorkerMetrics = WorkerMetrics::METRICS;
///
/// WORKER.jobs_done_total.with(JobLabels { outcome: Outcome::Ok }).inc();
/// WORKER.cpu_seconds_total.add(0.25);
///
/// assert_eq!(WORKER.jobs_done_total.with(JobLabels { outcome: Outcome::Ok }).get(), 1);
/// ```
pub struct Counter<L = (), T = u64> {
    storage: &'static Storage,
    types: PhantomData<fn() -> (L, T)>,
}

handle_traits!(Counter<L, T>);

/// One series of a [`Counter`]. It may be kept: resolve the labels once, record often.
pub struct CounterSeries<T = u64> {
    storage: &'static Storage,
    cell: usize,
    number: PhantomData<fn() -> T>,
}

handle_traits!(CounterSeries<T>);

impl<L: LabelSet, T: CounterNumber> Metric for Counter<L, T> {
    type Labels = L;
    const KIND: Kind = Kind::Counter;
    const NUMBER: Number = T::NUMBER;
}

impl<L: LabelSet, T: CounterNumber> Recorded for Counter<L, T> {
    type Series = CounterSeries<T>;

    #[inline]
    fn storage(self) -> &'static Storage {
        self.storage
    }

    #[inline]
    fn width(self) -> usize {
        1
    }

    #[inline]
    fn series(self, cell: usize) -> CounterSeries<T> {
        CounterSeries {
            storage: self.storage,
            cell,
            number: PhantomData,
        }
    }
}

impl<L, T> Counter<L, T> {
    #[doc(hidden)]
    #[must_use]
    pub const fn over(storage: &'static Storage) -> Self {
        Self {
            storage,
            types: PhantomData,
        }
    }

    #[doc(hidden)]
    #[must_use]
    pub const fn storage(&self) -> &'static Storage {
        self.storage
    }
}

impl<L: LabelSet, T: CounterNumber> Counter<L, T> {
    /// The series with these labels.
    #[inline]
    #[must_use]
    pub fn with(self, labels: L::Of<'_>) -> CounterSeries<T> {
        self.series(self.storage.cell::<L>(labels, self.width()))
    }

    /// The series of these open values, for code that records them often. The closed values follow with
    /// [`Resolved::with`].
    #[must_use]
    pub fn resolve(self, open: L::Open<'_>) -> Resolved<Self> {
        Resolved::new(self, open)
    }
}

impl<T: CounterNumber> Counter<(), T> {
    /// Adds one.
    #[inline]
    pub fn inc(self) {
        self.with(()).inc();
    }

    /// Adds `n`; see [`CounterSeries::add`].
    #[inline]
    pub fn add(self, n: T) {
        self.with(()).add(n);
    }

    /// Adds one with the current trace; see [`CounterSeries::add_with_exemplar`].
    #[cfg(feature = "exemplars")]
    pub fn inc_with_exemplar(self) {
        self.with(()).inc_with_exemplar();
    }

    /// Adds `n` with the current trace; see [`CounterSeries::add_with_exemplar`].
    #[cfg(feature = "exemplars")]
    pub fn add_with_exemplar(self, n: T) {
        self.with(()).add_with_exemplar(n);
    }

    /// The total so far.
    #[must_use]
    pub fn get(self) -> T {
        self.with(()).get()
    }
}

#[cfg(feature = "testing")]
impl<T> CounterSeries<T> {
    /// Where it is recorded: its cell among those of the metric.
    pub(crate) const fn place(&self) -> (&'static Storage, usize) {
        (self.storage, self.cell)
    }
}

impl<T: CounterNumber> CounterSeries<T> {
    /// Adds one.
    #[inline]
    pub fn inc(self) {
        T::ONE.add_to(self.storage, self.cell);
    }

    /// Adds `n`.
    ///
    /// An `f64` that is negative or not finite is not added but counted in
    /// `datapunk_metrics_refused_samples_total`, as a total can't go down.
    #[inline]
    pub fn add(self, n: T) {
        n.add_to(self.storage, self.cell);
    }

    /// Adds one, and records the current trace with it.
    #[cfg(feature = "exemplars")]
    pub fn inc_with_exemplar(self) {
        self.add_with_exemplar(T::ONE);
    }

    /// Adds `n`, and records the current trace with it; see [`exemplars`](crate::exemplars).
    #[cfg(feature = "exemplars")]
    pub fn add_with_exemplar(self, n: T) {
        self.add(n);
        // One that was refused is an example of nothing.
        if let Some(value) = n.added() {
            crate::exemplars::record(self.storage, self.cell, value);
        }
    }

    /// The total so far.
    #[must_use]
    pub fn get(self) -> T {
        T::from_bits(
            self.storage
                .read_as(self.cell, matches!(T::NUMBER, Number::Float)),
        )
    }
}

/// A number that a counter can hold: `u64` or `f64`.
#[diagnostic::on_unimplemented(
    message = "a counter does not hold `{Self}`",
    label = "not a counter's number",
    note = "a counter holds `u64` (the default) or `f64`"
)]
pub trait CounterNumber: Copy + sealed::Sealed + 'static {
    #[doc(hidden)]
    const NUMBER: Number;
    #[doc(hidden)]
    const ONE: Self;
    #[doc(hidden)]
    fn add_to(self, storage: &'static Storage, cell: usize);
    #[doc(hidden)]
    fn from_bits(bits: u64) -> Self;
    /// What it adds; none if it is refused.
    #[cfg(feature = "exemplars")]
    #[doc(hidden)]
    fn added(self) -> Option<f64>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for u64 {}
    impl Sealed for f64 {}
}

impl CounterNumber for u64 {
    const NUMBER: Number = Number::Unsigned;
    const ONE: Self = 1;

    #[inline]
    fn add_to(self, storage: &'static Storage, cell: usize) {
        storage.add(cell, self);
    }

    fn from_bits(bits: u64) -> Self {
        bits
    }

    #[cfg(feature = "exemplars")]
    #[expect(clippy::cast_precision_loss, reason = "an exemplar is an f64")]
    fn added(self) -> Option<f64> {
        Some(self as f64)
    }
}

impl CounterNumber for f64 {
    const NUMBER: Number = Number::Float;
    const ONE: Self = 1.0;

    #[inline]
    fn add_to(self, storage: &'static Storage, cell: usize) {
        if self.is_finite() && self >= 0.0 {
            storage.add_f64(cell, self);
        } else {
            storage.count_refused();
        }
    }

    fn from_bits(bits: u64) -> Self {
        Self::from_bits(bits)
    }

    #[cfg(feature = "exemplars")]
    fn added(self) -> Option<f64> {
        (self.is_finite() && self >= 0.0).then_some(self)
    }
}
