//! One family: which series it has, and its values of one moment.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;
use std::vec;

use datapunk_metrics_conventions::Kind;

use super::{CollectError, Head, HistogramValue, LabelValues, SeriesLabels, Value};
use crate::cells::{Number, Storage};
use crate::descriptor::MetricDescriptor;
use crate::encode::Lines;
use crate::labels::Open;
use crate::metric::{RatioSource, RawReadings};
use crate::set::{MetricEntry, Source};
use crate::unit::EncodingKind;

/// Held while the cells of a family are read.
pub(super) static READING: Mutex<()> = Mutex::new(());

/// A metric in a registry, with what is worked out once.
#[derive(Debug)]
pub(crate) struct Family {
    pub(super) entry: &'static MetricEntry,
    descriptor: &'static MetricDescriptor,
    shape: Shape,
    shown: Shown,
    /// What of its lines does not change.
    lines: Mutex<Lines>,
}

/// What the numbers of one series are, in the values of a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One number. The series appears when it is no longer 0, unless it is shown from the start.
    Total,
    /// A number, and whether it is there.
    Optional {
        /// Whether it is there from the start if the series is shown then.
        starts: bool,
    },
    /// The buckets, each alone, and the sum.
    Histogram,
}

/// Which series are exposed before they are touched.
#[derive(Debug)]
enum Shown {
    All,
    /// For each series.
    Some(Vec<bool>),
    /// Those that are there at all.
    Open(&'static Open),
    /// All, and their labels come with those of the counter.
    OpenRatio(&'static RatioSource),
}

/// A family with its values of one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Snapshot<'a> {
    family: &'a Family,
    values: &'a [u64],
    /// Numbers of one series.
    width: usize,
}

impl Family {
    /// The metric, and the same under its former name if it has one.
    pub(crate) fn all_of(entry: &'static MetricEntry) -> impl Iterator<Item = Self> {
        let names = [Some(entry.descriptor), entry.former];
        let names = names.into_iter().flatten();
        names.map(move |descriptor| Self::new(entry, descriptor))
    }

    fn new(entry: &'static MetricEntry, descriptor: &'static MetricDescriptor) -> Self {
        if let Source::Ratio(source) = entry.source {
            // The window begins when the metric is registered, not at the first scrape.
            source.read(Instant::now());
        }
        Self {
            entry,
            descriptor,
            shape: shape(entry),
            shown: Shown::of(entry),
            lines: Mutex::default(),
        }
    }

    pub(crate) fn descriptor(&self) -> &'static MetricDescriptor {
        self.descriptor
    }

    /// Whether it is the second one of its metric, under the former name.
    pub(super) fn is_former(&self) -> bool {
        !core::ptr::eq(self.descriptor, self.entry.descriptor)
    }

    /// The name of the family in OpenMetrics: without the suffix that its samples have.
    pub(crate) fn open_metrics_name(&self) -> &'static str {
        open_metrics_name(self.descriptor().name, self.descriptor().kind)
    }

    /// Whether both would be one family.
    pub(crate) fn clashes_with(&self, other: &Self) -> bool {
        self.descriptor().name == other.descriptor().name
            || self.open_metrics_name() == other.open_metrics_name()
    }

    /// What the family's scrape-time function returns.
    pub(super) fn call(
        &self,
        read: fn(&mut RawReadings),
        storage: &'static Storage,
    ) -> Result<RawReadings, CollectError> {
        let mut readings = RawReadings::new(storage, self.descriptor().cardinality());
        catch_unwind(AssertUnwindSafe(|| read(&mut readings))).map_err(|payload| CollectError {
            metric: self.descriptor().name,
            message: panic_message(payload.as_ref()),
        })?;
        Ok(readings)
    }

    /// Puts the values of this moment in the place of what is in `values`.
    pub(super) fn read_into(
        &self,
        values: &mut Vec<u64>,
        readings: &mut vec::IntoIter<RawReadings>,
    ) {
        values.clear();
        let mut push = |value: Option<u64>| {
            values.extend([value.unwrap_or_default(), u64::from(value.is_some())]);
        };
        match self.entry.source {
            Source::Constant => values.push(1),
            Source::Cells(storage) => {
                let _reading = READING.lock().unwrap_or_else(PoisonError::into_inner);
                storage.read_into(self.descriptor().layout(), values);
            }
            Source::Read(..) => {
                let readings = readings.next().map(RawReadings::into_values);
                readings.into_iter().flatten().for_each(push);
            }
            Source::Ratio(source) => {
                for ratio in source.read(Instant::now()) {
                    push(ratio.map(f64::to_bits));
                }
            }
        }
    }

    /// The family with such values.
    pub(crate) fn snapshot<'a>(&'a self, values: &'a [u64]) -> Snapshot<'a> {
        let width = match self.shape {
            Shape::Total => 1,
            Shape::Optional { .. } => 2,
            Shape::Histogram => self.descriptor().buckets.len() + 2,
        };
        Snapshot {
            family: self,
            values,
            width,
        }
    }

    fn is_shown(&self, index: usize) -> bool {
        match &self.shown {
            Shown::All | Shown::OpenRatio(_) => true,
            Shown::Some(shown) => shown.get(index).copied().unwrap_or(true),
            Shown::Open(open) => open.is_shown(index),
        }
    }
}

impl Shown {
    fn of(entry: &'static MetricEntry) -> Self {
        match entry.source {
            Source::Cells(storage) | Source::Read(_, storage) if storage.open().is_some() => {
                return Self::Open(storage.open());
            }
            Source::Ratio(source) if entry.descriptor.is_open() => {
                return Self::OpenRatio(source);
            }
            _ => {}
        }
        let shown = entry.descriptor.shown_from_the_start();
        if shown.is_empty() {
            Self::All
        } else {
            Self::Some(shown)
        }
    }
}

fn shape(entry: &MetricEntry) -> Shape {
    match entry.source {
        Source::Constant => Shape::Total,
        Source::Read(..) | Source::Ratio(_) => Shape::Optional { starts: false },
        Source::Cells(_) => match entry.descriptor.kind {
            Kind::Histogram => Shape::Histogram,
            Kind::Gauge | Kind::State => Shape::Optional {
                starts: entry.descriptor.initial.is_some(),
            },
            Kind::Counter | Kind::Ratio | Kind::Info => Shape::Total,
        },
    }
}

impl<'a> Snapshot<'a> {
    pub(crate) fn descriptor(self) -> &'static MetricDescriptor {
        self.family.descriptor()
    }

    pub(crate) fn head(self) -> Head<'static> {
        let descriptor = self.descriptor();
        Head {
            name: descriptor.name,
            help: descriptor.help,
            kind: Some(descriptor.kind),
            unit: descriptor.unit,
        }
    }

    pub(crate) fn shape(self) -> Shape {
        self.family.shape
    }

    /// Where its values come from; none of the second family of a metric, under its former name.
    #[cfg(feature = "testing")]
    pub(crate) fn source(self) -> Option<Source> {
        (!self.family.is_former()).then_some(self.family.entry.source)
    }

    /// Where its values are recorded, if it is in cells.
    #[cfg(feature = "exemplars")]
    pub(crate) fn storage(self) -> Option<&'static Storage> {
        match self.family.entry.source {
            Source::Cells(storage) => Some(storage),
            _ => None,
        }
    }

    pub(crate) fn lines(self) -> &'a Mutex<Lines> {
        &self.family.lines
    }

    /// How many series there can be.
    pub(crate) fn len(self) -> usize {
        self.values.len() / self.width
    }

    pub(crate) fn labels(self, index: usize) -> SeriesLabels<'static> {
        let descriptor = self.descriptor();
        SeriesLabels {
            constant: descriptor.constant_labels,
            labels: descriptor.labels,
            values: match self.family.shown {
                Shown::Open(open) => open.values_of(index),
                Shown::OpenRatio(source) => source.values_of(index),
                Shown::All | Shown::Some(_) => LabelValues::Closed(index),
            },
        }
    }

    /// What was read from the cells, as many numbers for each series.
    pub(crate) fn values(self) -> &'a [u64] {
        self.values
    }

    /// The same, where each series has an unsigned one that is exposed: the most frequent case, without a question.
    pub(crate) fn totals(self) -> Option<&'a [u64]> {
        let family = self.family;
        let are_all_shown = family.shape == Shape::Total && matches!(family.shown, Shown::All);
        (are_all_shown && family.descriptor().number == Number::Unsigned).then_some(self.values)
    }

    /// How many numbers a series has.
    pub(crate) fn width(self) -> usize {
        self.width
    }

    /// The number of a series that is no histogram, if it is exposed.
    #[inline]
    pub(crate) fn number(self, index: usize) -> Option<Value> {
        let series = self.series(index)?;
        let is_there = match (self.family.shape, series) {
            (Shape::Optional { starts }, [_, is_there]) => {
                *is_there != 0 || (starts && self.family.is_shown(index))
            }
            _ => series[0] != 0 || self.family.is_shown(index),
        };
        is_there.then(|| match self.family.descriptor().number {
            Number::Unsigned => Value::Unsigned(series[0]),
            Number::Signed => Value::Signed(series[0].cast_signed()),
            Number::Float => Value::Float(f64::from_bits(series[0])),
        })
    }

    /// The numbers of a histogram's series, if it is exposed.
    #[inline]
    pub(crate) fn histogram(self, index: usize) -> Option<HistogramValue<'a>> {
        let (sum, buckets) = self.series(index)?.split_last()?;
        let is_there = self.family.is_shown(index) || buckets.iter().any(|count| *count != 0);
        is_there.then(|| HistogramValue {
            buckets,
            sum: match self.family.descriptor().encoding {
                EncodingKind::Nanoseconds => Value::Nanoseconds(*sum),
                EncodingKind::Whole => Value::Unsigned(*sum),
                EncodingKind::Float => Value::Float(f64::from_bits(*sum)),
            },
        })
    }

    #[inline]
    fn series(self, index: usize) -> Option<&'a [u64]> {
        let first = index * self.width;
        self.values.get(first..first + self.width)
    }
}

/// The name of a family in OpenMetrics: a counter's without `_total`, an info's without `_info`.
pub(crate) fn open_metrics_name(name: &str, kind: impl Into<Option<Kind>>) -> &str {
    let suffix = match kind.into() {
        Some(Kind::Counter) => "_total",
        Some(Kind::Info) => "_info",
        _ => return name,
    };
    name.strip_suffix(suffix).unwrap_or(name)
}

fn panic_message(payload: &(dyn core::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
        .to_owned()
}
