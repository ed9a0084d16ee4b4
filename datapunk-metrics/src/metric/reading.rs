//! Values that are read at scrape time.

use core::marker::PhantomData;

use super::{CounterNumber, GaugeNumber};
use crate::cells::Storage;
use crate::labels::{FOLDED, LabelSet};

/// Where a scrape-time function with labels puts its values.
///
/// ```
/// use datapunk_metrics::{Gauge, LabelSet, LabelValue, MetricSet, Readings};
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum MemoryKind { Resident, Virtual }
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct MemoryLabels { kind: MemoryKind }
///
/// fn memory(readings: &mut Readings<MemoryLabels, i64>) {
///     readings.set(MemoryLabels { kind: MemoryKind::Resident }, 4096);
/// }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "tool")]
/// struct ToolMetrics {
///     /// Memory in use; what could not be read is absent.
///     #[metric(read = memory)]
///     memory_bytes: Gauge<MemoryLabels>,
/// }
/// ```
#[derive(Debug)]
pub struct Readings<'a, L, T = i64> {
    raw: &'a mut RawReadings,
    types: PhantomData<fn() -> (L, T)>,
}

impl<L: LabelSet, T: Reading<T>> Readings<'_, L, T> {
    /// Sets the value of one series.
    pub fn set(&mut self, labels: L::Of<'_>, value: T) {
        let series = self.raw.storage.cell::<L>(labels, 1);
        self.raw.set(series, value.bits());
    }
}

/// The values of one scrape, by series.
#[doc(hidden)]
#[derive(Debug)]
pub struct RawReadings {
    values: Vec<Option<u64>>,
    storage: &'static Storage,
}

impl RawReadings {
    pub(crate) fn new(storage: &'static Storage, series: usize) -> Self {
        Self {
            values: vec![None; series],
            storage,
        }
    }

    /// The values, by series.
    pub(crate) fn into_values(mut self) -> Vec<Option<u64>> {
        if let Some(table) = self.storage.open().table() {
            // Also of the series that were not read.
            self.values.resize(table.len(), None);
        }
        self.values
    }

    fn set(&mut self, series: usize, bits: Option<u64>) {
        if series >= FOLDED {
            // Two values that are read are not one.
            return self.storage.count_refused();
        }
        if self.storage.open().is_some() && series >= self.values.len() {
            self.values.resize(series + 1, None);
        }
        if let Some(value) = self.values.get_mut(series) {
            *value = bits;
        }
    }
}

/// What a scrape-time function without labels returns for a metric of `T`: a `T`, or an `Option<T>` that is `None`
/// while there is no value.
#[diagnostic::on_unimplemented(
    message = "a scrape-time value of `{T}` is not read from a `{Self}`",
    label = "not a `{T}`",
    note = "the function returns `{T}` or `Option<{T}>`"
)]
pub trait Reading<T> {
    #[doc(hidden)]
    fn bits(self) -> Option<u64>;
}

impl Reading<Self> for u64 {
    fn bits(self) -> Option<u64> {
        Some(self)
    }
}

impl Reading<Self> for i64 {
    fn bits(self) -> Option<u64> {
        Some(self.into_bits())
    }
}

impl Reading<Self> for f64 {
    fn bits(self) -> Option<u64> {
        Some(self.to_bits())
    }
}

impl<T: Reading<T>> Reading<T> for Option<T> {
    fn bits(self) -> Option<u64> {
        self.and_then(Reading::bits)
    }
}

/// A function that reads a metric with the labels `L` and the number `T`; `Shape` is how it is called.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "this is not a function that reads a metric",
    label = "not a scrape-time function of this metric",
    note = "without labels it is a `fn() -> {T}` or a `fn() -> Option<{T}>`; with labels it is a \
            `fn(&mut Readings<{L}, {T}>)`"
)]
pub trait ReadFunction<L, T, Shape> {
    fn read(&self, raw: &mut RawReadings);
}

impl<T, R: Reading<T>, F: Fn() -> R> ReadFunction<(), T, fn() -> R> for F {
    fn read(&self, raw: &mut RawReadings) {
        raw.set(0, self().bits());
    }
}

impl<L: LabelSet, T, F: Fn(&mut Readings<'_, L, T>)> ReadFunction<L, T, fn(&mut Readings<'_, L, T>)>
    for F
{
    fn read(&self, raw: &mut RawReadings) {
        self(&mut Readings {
            raw,
            types: PhantomData,
        });
    }
}

/// A metric whose value can be read at scrape time.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not read at scrape time",
    note = "`read = …` applies to counters and gauges"
)]
pub trait Readable {
    type Labels;
    type Number;
}

impl<L, T: CounterNumber> Readable for super::Counter<L, T> {
    type Labels = L;
    type Number = T;
}

impl<L, T: GaugeNumber> Readable for super::Gauge<L, T> {
    type Labels = L;
    type Number = T;
}
