//! Gauges: values that go up and down.

use core::marker::PhantomData;
use core::sync::atomic::Ordering;

use datapunk_metrics_conventions::Kind;

use super::{Metric, Recorded, Resolved, handle_traits};
use crate::cells::{self, Cell, Number, Storage};
use crate::labels::LabelSet;

/// A value now, one for each label set.
///
/// `T` is `i64` or `f64`. A series is absent until it is first set, because absent and 0 are different, unless the
/// metric declares `initial = …` or counts what is in flight.
///
/// ```
/// use datapunk_metrics::{Gauge, MetricSet};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "pool")]
/// struct PoolMetrics {
///     /// Connections open now.
///     #[metric(initial = 0)]
///     connections_current: Gauge,
///     /// Queries being run.
///     queries_in_flight_current: Gauge,
///     /// Temperature of the sensor.
///     sensor_celsius: Gauge<(), f64>,
/// }
/// const POOL: PoolMetrics = PoolMetrics::METRICS;
///
/// POOL.connections_current.add(3);
/// {
///     let _query = POOL.queries_in_flight_current.in_flight();
///     assert_eq!(POOL.queries_in_flight_current.get(), Some(1));
/// }
/// assert_eq!(POOL.queries_in_flight_current.get(), Some(0));
/// assert_eq!(POOL.sensor_celsius.get(), None);
/// ```
pub struct Gauge<L = (), T = i64> {
    storage: &'static Storage,
    starts: bool,
    types: PhantomData<fn() -> (L, T)>,
}

handle_traits!(Gauge<L, T>);

/// One series of a [`Gauge`]. It may be kept.
pub struct GaugeSeries<T = i64> {
    storage: &'static Storage,
    starts: bool,
    /// The cell of the value; the next one tells whether it is present.
    cell: usize,
    number: PhantomData<fn() -> T>,
}

handle_traits!(GaugeSeries<T>);

impl<L: LabelSet, T: GaugeNumber> Metric for Gauge<L, T> {
    type Labels = L;
    const KIND: Kind = Kind::Gauge;
    const NUMBER: Number = T::NUMBER;
}

impl<L: LabelSet, T: GaugeNumber> Recorded for Gauge<L, T> {
    type Series = GaugeSeries<T>;

    #[inline]
    fn storage(self) -> &'static Storage {
        self.storage
    }

    #[inline]
    fn width(self) -> usize {
        2
    }

    #[inline]
    fn series(self, cell: usize) -> GaugeSeries<T> {
        GaugeSeries {
            storage: self.storage,
            starts: self.starts,
            cell,
            number: PhantomData,
        }
    }
}

impl<L, T> Gauge<L, T> {
    /// `starts` tells whether every series is present from the start.
    #[doc(hidden)]
    #[must_use]
    pub const fn over(storage: &'static Storage, starts: bool) -> Self {
        Self {
            storage,
            starts,
            types: PhantomData,
        }
    }
}

impl<L: LabelSet, T: GaugeNumber> Gauge<L, T> {
    /// The series with these labels.
    #[inline]
    #[must_use]
    pub fn with(self, labels: L::Of<'_>) -> GaugeSeries<T> {
        self.series(self.storage.cell::<L>(labels, self.width()))
    }

    /// The series of these open values, for code that records them often. The closed values follow with
    /// [`Resolved::with`].
    #[must_use]
    pub fn resolve(self, open: L::Open<'_>) -> Resolved<Self> {
        Resolved::new(self, open)
    }
}

impl<T: GaugeNumber> Gauge<(), T> {
    /// Sets the value.
    #[inline]
    pub fn set(self, value: T) {
        self.with(()).set(value);
    }

    /// Adds one.
    #[inline]
    pub fn inc(self) {
        self.with(()).inc();
    }

    /// Takes one away.
    #[inline]
    pub fn dec(self) {
        self.with(()).dec();
    }

    /// Adds `n`.
    #[inline]
    pub fn add(self, n: T) {
        self.with(()).add(n);
    }

    /// Takes `n` away.
    #[inline]
    pub fn sub(self, n: T) {
        self.with(()).sub(n);
    }

    /// Adds one until the guard is dropped.
    #[inline]
    #[must_use = "the guard takes the one away again as soon as it is dropped"]
    pub fn in_flight(self) -> InFlight<T> {
        self.with(()).in_flight()
    }

    /// The value now, if there is one.
    #[must_use]
    pub fn get(self) -> Option<T> {
        self.with(()).get()
    }
}

#[cfg(feature = "testing")]
impl<T> GaugeSeries<T> {
    /// Where it is recorded: its first cell among those of the metric.
    pub(crate) const fn place(&self) -> (&'static Storage, usize) {
        (self.storage, self.cell)
    }
}

impl<T: GaugeNumber> GaugeSeries<T> {
    /// Sets the value.
    #[inline]
    pub fn set(self, value: T) {
        self.change(|cell| cell.store(value.into_bits(), Ordering::Relaxed));
    }

    /// Adds one.
    #[inline]
    pub fn inc(self) {
        self.add(T::ONE);
    }

    /// Takes one away.
    #[inline]
    pub fn dec(self) {
        self.sub(T::ONE);
    }

    /// Adds `n`; a value that was absent counts from 0.
    #[inline]
    pub fn add(self, n: T) {
        self.change(|cell| n.add_to(cell));
    }

    /// Takes `n` away; a value that was absent counts from 0.
    #[inline]
    pub fn sub(self, n: T) {
        self.change(|cell| n.negated().add_to(cell));
    }

    /// Adds one until the guard is dropped.
    #[inline]
    #[must_use = "the guard takes the one away again as soon as it is dropped"]
    pub fn in_flight(self) -> InFlight<T> {
        self.inc();
        InFlight { series: self }
    }

    /// The value now, if there is one.
    #[must_use]
    pub fn get(self) -> Option<T> {
        self.storage.shared(self.cell)?;
        let present = self.starts || self.storage.read(self.cell + 1) != 0;
        present.then(|| T::from_bits(self.storage.read(self.cell)))
    }

    #[inline]
    fn change(self, change: impl FnOnce(&Cell)) {
        let Some(value) = self.storage.shared(self.cell) else {
            return self.storage.count_refused();
        };
        change(value);
        if let Some(presence) = self.storage.shared(self.cell + 1) {
            // Release, after the value: who sees the series sees a value that was set.
            presence.store(1, Ordering::Release);
        }
    }
}

/// One call, request or task in flight: takes its one away when dropped, during a panic too.
#[derive(Debug)]
#[must_use = "the guard takes the one away again as soon as it is dropped"]
pub struct InFlight<T: GaugeNumber = i64> {
    series: GaugeSeries<T>,
}

impl<T: GaugeNumber> Drop for InFlight<T> {
    #[inline]
    fn drop(&mut self) {
        self.series.dec();
    }
}

/// A number that a gauge can hold: `i64` or `f64`.
#[diagnostic::on_unimplemented(
    message = "a gauge does not hold `{Self}`",
    label = "not a gauge's number",
    note = "a gauge holds `i64` (the default) or `f64`"
)]
pub trait GaugeNumber: Copy + sealed::Sealed + 'static {
    #[doc(hidden)]
    const NUMBER: Number;
    #[doc(hidden)]
    const ONE: Self;
    #[doc(hidden)]
    fn into_bits(self) -> u64;
    #[doc(hidden)]
    fn from_bits(bits: u64) -> Self;
    #[doc(hidden)]
    fn add_to(self, cell: &Cell);
    #[doc(hidden)]
    #[must_use]
    fn negated(self) -> Self;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for i64 {}
    impl Sealed for f64 {}
}

impl GaugeNumber for i64 {
    const NUMBER: Number = Number::Signed;
    const ONE: Self = 1;

    #[inline]
    fn into_bits(self) -> u64 {
        self.cast_unsigned()
    }

    fn from_bits(bits: u64) -> Self {
        bits.cast_signed()
    }

    #[inline]
    fn add_to(self, cell: &Cell) {
        cell.fetch_add(self.cast_unsigned(), Ordering::Relaxed);
    }

    #[inline]
    fn negated(self) -> Self {
        self.wrapping_neg()
    }
}

impl GaugeNumber for f64 {
    const NUMBER: Number = Number::Float;
    const ONE: Self = 1.0;

    #[inline]
    fn into_bits(self) -> u64 {
        self.to_bits()
    }

    fn from_bits(bits: u64) -> Self {
        Self::from_bits(bits)
    }

    #[inline]
    fn add_to(self, cell: &Cell) {
        cells::add_f64(cell, self);
    }

    #[inline]
    fn negated(self) -> Self {
        -self
    }
}
