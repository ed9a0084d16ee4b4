//! Histograms: distributions over buckets.

use core::marker::PhantomData;
use core::time::Duration;

use datapunk_metrics_conventions::Kind;

use super::{Metric, Recorded, Resolved, Timer, handle_traits};
use crate::cells::{Number, Storage};
use crate::labels::LabelSet;
use crate::unit::{Encoding, EncodingKind, Nanoseconds, Observation, Observe, Unit};

/// A distribution over buckets, one for each label set, in a unit that is a type.
///
/// ```
/// use datapunk_metrics::{Bytes, Histogram, MetricSet, Seconds};
/// use std::time::Duration;
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "store")]
/// struct StoreMetrics {
///     /// Time taken by a read; the buckets are those of the standard.
///     read_duration_seconds: Histogram<Seconds>,
///     /// Size of stored objects.
///     #[metric(buckets = [256, 4096, 65536])]
///     object_size_bytes: Histogram<Bytes>,
/// }
/// const STORE: StoreMetrics = StoreMetrics::METRICS;
///
/// STORE.read_duration_seconds.observe(Duration::from_millis(3));
/// let answer = STORE.read_duration_seconds.time(|| 6 * 7);
/// STORE.object_size_bytes.observe(b"hello".len());
///
/// assert_eq!(answer, 42);
/// assert_eq!(STORE.read_duration_seconds.count(), 2);
/// assert_eq!(STORE.object_size_bytes.sum(), 5.0);
/// ```
///
/// A value of another unit does not compile:
///
/// ```compile_fail
/// # use datapunk_metrics::{Histogram, MetricSet, Seconds};
/// # #[derive(MetricSet)]
/// # #[metrics(namespace = "store")]
/// # struct StoreMetrics {
/// #     /// Time taken by a read.
/// #     read_duration_seconds: Histogram<Seconds>,
/// # }
/// StoreMetrics::METRICS.read_duration_seconds.observe(3);
/// ```
pub struct Histogram<U, L = ()> {
    storage: &'static Storage,
    bounds: &'static [u64],
    types: PhantomData<fn() -> (U, L)>,
}

handle_traits!(Histogram<U, L>);

/// One series of a [`Histogram`]. It may be kept.
pub struct HistogramSeries<U> {
    storage: &'static Storage,
    bounds: &'static [u64],
    /// The cell of the first bucket; behind the buckets and `+Inf` follows the sum.
    first: usize,
    unit: PhantomData<fn() -> U>,
}

handle_traits!(HistogramSeries<U>);

impl<U: Unit, L: LabelSet> Metric for Histogram<U, L> {
    type Labels = L;
    const KIND: Kind = Kind::Histogram;
    const NUMBER: Number = match <U::Encoding as Encoding>::KIND {
        EncodingKind::Float => Number::Float,
        EncodingKind::Nanoseconds | EncodingKind::Whole => Number::Unsigned,
    };
    const UNIT: &'static str = U::SUFFIX;
    const ENCODING: EncodingKind = <U::Encoding as Encoding>::KIND;
    const DEFAULT_BUCKETS: Option<&'static [f64]> = U::DEFAULT_BUCKETS;
}

impl<U: Unit, L: LabelSet> Recorded for Histogram<U, L> {
    type Series = HistogramSeries<U>;

    #[inline]
    fn storage(self) -> &'static Storage {
        self.storage
    }

    #[inline]
    fn width(self) -> usize {
        self.bounds.len() + 2
    }

    #[inline]
    fn series(self, first: usize) -> HistogramSeries<U> {
        HistogramSeries {
            storage: self.storage,
            bounds: self.bounds,
            first,
            unit: PhantomData,
        }
    }
}

impl<U, L> Histogram<U, L> {
    #[doc(hidden)]
    #[must_use]
    pub const fn over(storage: &'static Storage, bounds: &'static [u64]) -> Self {
        Self {
            storage,
            bounds,
            types: PhantomData,
        }
    }
}

impl<U: Unit, L: LabelSet> Histogram<U, L> {
    /// The series with these labels.
    #[inline]
    #[must_use]
    pub fn with(self, labels: L::Of<'_>) -> HistogramSeries<U> {
        self.series(self.storage.cell::<L>(labels, self.width()))
    }

    /// The series of these open values, for code that records them often. The closed values follow with
    /// [`Resolved::with`].
    #[must_use]
    pub fn resolve(self, open: L::Open<'_>) -> Resolved<Self> {
        Resolved::new(self, open)
    }
}

impl<U: Unit> Histogram<U> {
    /// Records one value; see [`HistogramSeries::observe`].
    #[inline]
    pub fn observe(self, value: impl Observe<U::Encoding>) {
        self.with(()).observe(value);
    }

    /// Records one value with the current trace; see [`HistogramSeries::observe_with_exemplar`].
    #[cfg(feature = "exemplars")]
    pub fn observe_with_exemplar(self, value: impl Observe<U::Encoding>) {
        self.with(()).observe_with_exemplar(value);
    }

    /// How many values were recorded.
    #[must_use]
    pub fn count(self) -> u64 {
        self.with(()).count()
    }

    /// The sum of the recorded values, in the unit of the metric.
    #[must_use]
    pub fn sum(self) -> f64 {
        self.with(()).sum()
    }
}

impl<U: Unit<Encoding = Nanoseconds>> Histogram<U> {
    /// Runs `f` and records how long it took; see [`HistogramSeries::time`].
    #[inline]
    pub fn time<R>(self, f: impl FnOnce() -> R) -> R {
        self.with(()).time(f)
    }

    /// Starts a timer that records when it is dropped.
    #[inline]
    pub fn start_timer(self) -> Timer<U> {
        self.with(()).start_timer()
    }

    /// Awaits `future` and records how long it took; see [`HistogramSeries::time_async`].
    #[inline]
    pub async fn time_async<F: Future>(self, future: F) -> F::Output {
        self.with(()).time_async(future).await
    }
}

#[cfg(feature = "testing")]
impl<U> HistogramSeries<U> {
    /// Where it is recorded: its first cell among those of the metric, and how many it has.
    pub(crate) const fn place(&self) -> (&'static Storage, usize, usize) {
        (self.storage, self.first, self.bounds.len() + 2)
    }
}

impl<U: Unit> HistogramSeries<U> {
    /// Records one value.
    ///
    /// What has no place (NaN, infinite, negative bytes) is not recorded but counted in
    /// `datapunk_metrics_refused_samples_total`. A duration beyond 2^53 ns (104 days) is recorded as that and counted
    /// in `datapunk_metrics_clamped_samples_total`.
    #[inline]
    pub fn observe(self, value: impl Observe<U::Encoding>) {
        self.record_observation(value.encode());
    }

    #[inline]
    fn record_observation(self, observation: Observation) {
        let value = match observation {
            Observation::Value(value) => value,
            Observation::Clamped(value) => {
                self.storage.count_clamped();
                value
            }
            Observation::Refused => return self.storage.count_refused(),
        };
        let sum = self.first + self.bounds.len() + 1;
        if matches!(<U::Encoding as Encoding>::KIND, EncodingKind::Float) {
            let value = f64::from_bits(value);
            // The number of bounds below the value is the bucket's position; counting has no branch to mispredict.
            let bucket = self
                .bounds
                .iter()
                .map(|bound| usize::from(value > f64::from_bits(*bound)))
                .sum::<usize>();
            self.storage.observe_f64(self.first + bucket, sum, value);
        } else {
            self.storage
                .observe(self.first + bucket_of(self.bounds, value), sum, value);
        }
    }

    /// Records one value, and with its bucket the current trace; see [`exemplars`](crate::exemplars).
    #[cfg(feature = "exemplars")]
    pub fn observe_with_exemplar(self, value: impl Observe<U::Encoding>) {
        let observation = value.encode();
        self.record_observation(observation);
        if let Observation::Value(value) | Observation::Clamped(value) = observation {
            let encoding = <U::Encoding as Encoding>::KIND;
            let bucket = if matches!(encoding, EncodingKind::Float) {
                let value = f64::from_bits(value);
                self.bounds
                    .partition_point(|bound| f64::from_bits(*bound) < value)
            } else {
                bucket_of(self.bounds, value)
            };
            let value = decode_sum(value, encoding);
            crate::exemplars::record(self.storage, self.first + bucket, value);
        }
    }

    /// How many values were recorded.
    #[must_use]
    pub fn count(self) -> u64 {
        (0..=self.bounds.len())
            .map(|bucket| self.storage.read(self.first + bucket))
            .fold(0, u64::wrapping_add)
    }

    /// The sum of the recorded values, in the unit of the metric.
    #[must_use]
    pub fn sum(self) -> f64 {
        let encoding = <U::Encoding as Encoding>::KIND;
        let sum = self.first + self.bounds.len() + 1;
        let is_float = matches!(encoding, EncodingKind::Float);
        decode_sum(self.storage.read_as(sum, is_float), encoding)
    }
}

/// The number of bounds below `value`, which is the position of its bucket, without a branch to mispredict.
#[inline]
fn bucket_of(bounds: &[u64], value: u64) -> usize {
    bounds.iter().map(|bound| usize::from(value > *bound)).sum()
}

/// A sum's cell as a number in the unit of its metric.
#[expect(clippy::cast_precision_loss, reason = "an exposition is in f64")]
pub(crate) fn decode_sum(bits: u64, encoding: EncodingKind) -> f64 {
    match encoding {
        EncodingKind::Nanoseconds => bits as f64 / 1e9,
        EncodingKind::Whole => bits as f64,
        EncodingKind::Float => f64::from_bits(bits),
    }
}

impl<U: Unit<Encoding = Nanoseconds>> HistogramSeries<U> {
    /// Runs `f` and records how long it took, also when it panics.
    #[inline]
    pub fn time<R>(self, f: impl FnOnce() -> R) -> R {
        let _timer = self.start_timer();
        f()
    }

    /// Starts a timer that records when it is dropped.
    #[inline]
    pub fn start_timer(self) -> Timer<U> {
        Timer::start(self)
    }

    /// Awaits `future` and records the time from its first poll to its end, also when it panics or is dropped before.
    #[inline]
    pub async fn time_async<F: Future>(self, future: F) -> F::Output {
        let _timer = self.start_timer();
        future.await
    }

    /// Records a duration; what a timer calls.
    #[inline]
    pub(super) fn record(self, elapsed: Duration) {
        self.observe(elapsed);
    }
}
