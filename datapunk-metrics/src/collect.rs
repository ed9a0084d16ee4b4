//! Collection: the values of every series, read from where they are kept, in the order of an exposition.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::Instant;

use datapunk_metrics_conventions::Kind;

use crate::cells::{Number, Storage};
use crate::descriptor::MetricDescriptor;
use crate::labels::LabelDescriptor;
use crate::metric::{RatioReader, RawReadings, decode_sum};
use crate::registry::Registry;
use crate::set::{MetricEntry, Source};
use crate::unit::EncodingKind;

/// A metric in a registry, with what is worked out once.
#[derive(Debug)]
pub(crate) struct Family {
    entry: &'static MetricEntry,
    /// For each series, whether it is exposed before it is touched; empty if all are.
    shown: Vec<bool>,
    ratio: Option<RatioReader>,
}

/// What an exposition says of a family before its series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Head<'a> {
    pub(crate) name: &'a str,
    pub(crate) help: &'a str,
    pub(crate) kind: Kind,
    pub(crate) unit: &'a str,
}

/// The labels of one series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeriesLabels<'a> {
    pub(crate) constant: &'a [(&'a str, &'a str)],
    pub(crate) labels: &'static [LabelDescriptor],
    pub(crate) index: usize,
}

/// The number of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Value {
    Unsigned(u64),
    Signed(i64),
    Float(f64),
}

/// The numbers of a histogram's series.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HistogramValue<'a> {
    /// Upper bounds, without `+Inf`.
    pub(crate) bounds: &'a [f64],
    /// How many values fell in each bucket alone; one more than the bounds.
    pub(crate) buckets: &'a [u64],
    pub(crate) sum: f64,
}

/// Takes the families one after the other: a head, then its series.
pub(crate) trait Visitor {
    fn family(&mut self, head: Head<'_>);
    fn number(&mut self, labels: SeriesLabels<'_>, value: Value);
    fn histogram(&mut self, labels: SeriesLabels<'_>, histogram: HistogramValue<'_>);
}

/// A scrape-time function panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CollectError {
    metric: &'static str,
    message: String,
}

impl CollectError {
    /// The metric whose function it was.
    #[must_use]
    pub const fn metric(&self) -> &'static str {
        self.metric
    }
}

impl core::fmt::Display for CollectError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(
            f,
            "the function that reads metric `{}` panicked: {}",
            self.metric, self.message
        )
    }
}

impl core::error::Error for CollectError {}

/// Shows every series of `registry`, and what the metrics counted about themselves, to `visitor`.
pub(crate) fn collect(registry: &Registry, visitor: &mut impl Visitor) -> Result<(), CollectError> {
    registry.families(|families| {
        let mut cells = Vec::new();
        // The toolkit's own families keep their place in the order by name.
        let own = families
            .partition_point(|family| family.descriptor().name < "datapunk_metrics_clamped");
        for family in &families[..own] {
            family.collect(visitor, &mut cells)?;
        }
        own_family(
            families,
            visitor,
            CLAMPED,
            |metric| metric.encoding == EncodingKind::Nanoseconds,
            Storage::clamped,
        );
        own_family(families, visitor, REFUSED, may_refuse, Storage::refused);
        for family in &families[own..] {
            family.collect(visitor, &mut cells)?;
        }
        Ok(())
    })
}

/// Name and help of a family of the toolkit's own.
type Own = (&'static str, &'static str);

const CLAMPED: Own = (
    "datapunk_metrics_clamped_samples_total",
    "Samples that were recorded as the largest value that is counted exactly, by metric.",
);
const REFUSED: Own = (
    "datapunk_metrics_refused_samples_total",
    "Samples that were not recorded, because they had no place in the metric, by metric.",
);

/// Whether a sample of the type that the metric takes may have no place in it.
fn may_refuse(metric: &MetricDescriptor) -> bool {
    matches!(metric.kind, Kind::Histogram | Kind::Counter) && metric.number == Number::Float
        || metric.kind == Kind::Histogram && metric.encoding == EncodingKind::Whole
}

/// One series for each metric that may refuse or clamp a sample.
fn own_family(
    families: &[Family],
    visitor: &mut impl Visitor,
    (name, help): Own,
    may_count: fn(&MetricDescriptor) -> bool,
    count: fn(&Storage) -> u64,
) {
    let mut begun = false;
    for family in families {
        let Source::Cells(storage) = family.entry.source else {
            continue;
        };
        let count = count(storage);
        if count == 0 && !may_count(family.descriptor()) {
            continue;
        }
        if !begun {
            visitor.family(Head {
                name,
                help,
                kind: Kind::Counter,
                unit: "",
            });
            begun = true;
        }
        let labels = SeriesLabels {
            constant: &[("metric", family.descriptor().name)],
            labels: &[],
            index: 0,
        };
        visitor.number(labels, Value::Unsigned(count));
    }
}

impl Family {
    pub(crate) fn new(entry: &'static MetricEntry) -> Self {
        let ratio = match entry.source {
            Source::Ratio(source) => {
                let reader = RatioReader::new(source);
                // The window begins when the metric is registered, not at the first scrape.
                reader.read(Instant::now());
                Some(reader)
            }
            _ => None,
        };
        Self {
            entry,
            shown: shown_from_the_start(entry.descriptor),
            ratio,
        }
    }

    pub(crate) fn descriptor(&self) -> &'static MetricDescriptor {
        self.entry.descriptor
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

    fn collect(
        &self,
        visitor: &mut impl Visitor,
        cells: &mut Vec<u64>,
    ) -> Result<(), CollectError> {
        let descriptor = self.descriptor();
        visitor.family(Head {
            name: descriptor.name,
            help: descriptor.help,
            kind: descriptor.kind,
            unit: descriptor.unit,
        });
        match self.entry.source {
            Source::Constant => visitor.number(self.labels(0), Value::Unsigned(1)),
            Source::Cells(storage) => {
                storage.read_into(descriptor.layout(), cells);
                self.collect_cells(visitor, cells);
            }
            Source::Read(read) => {
                let mut readings = RawReadings::new(descriptor.cardinality());
                catch_unwind(AssertUnwindSafe(|| read(&mut readings))).map_err(|payload| {
                    CollectError {
                        metric: descriptor.name,
                        message: panic_message(payload.as_ref()),
                    }
                })?;
                for (index, bits) in readings.values.iter().enumerate() {
                    if let Some(bits) = *bits {
                        visitor.number(self.labels(index), value(bits, descriptor.number));
                    }
                }
            }
            Source::Ratio(_) => {
                let ratios = self.ratio.as_ref().map(|ratio| ratio.read(Instant::now()));
                for (index, ratio) in ratios.iter().flatten().enumerate() {
                    if let Some(ratio) = *ratio {
                        visitor.number(self.labels(index), Value::Float(ratio));
                    }
                }
            }
        }
        Ok(())
    }

    fn collect_cells(&self, visitor: &mut impl Visitor, cells: &[u64]) {
        let descriptor = self.descriptor();
        match descriptor.kind {
            Kind::Histogram => {
                let width = descriptor.buckets.len() + 2;
                for (index, series) in cells.chunks_exact(width).enumerate() {
                    let (buckets, sum) = series.split_at(width - 1);
                    if self.is_shown(index) || buckets.iter().any(|count| *count != 0) {
                        visitor.histogram(
                            self.labels(index),
                            HistogramValue {
                                bounds: descriptor.buckets,
                                buckets,
                                sum: decode_sum(sum[0], descriptor.encoding),
                            },
                        );
                    }
                }
            }
            Kind::Gauge | Kind::State => {
                for (index, series) in cells.chunks_exact(2).enumerate() {
                    if series[1] != 0 || (descriptor.initial.is_some() && self.is_shown(index)) {
                        visitor.number(self.labels(index), value(series[0], descriptor.number));
                    }
                }
            }
            Kind::Counter | Kind::Ratio | Kind::Info => {
                for (index, cell) in cells.iter().enumerate() {
                    if *cell != 0 || self.is_shown(index) {
                        visitor.number(self.labels(index), value(*cell, descriptor.number));
                    }
                }
            }
        }
    }

    fn is_shown(&self, index: usize) -> bool {
        self.shown.get(index).copied().unwrap_or(true)
    }

    fn labels(&self, index: usize) -> SeriesLabels<'static> {
        let descriptor = self.descriptor();
        SeriesLabels {
            constant: descriptor.constant_labels,
            labels: descriptor.labels,
            index,
        }
    }
}

fn value(bits: u64, number: Number) -> Value {
    match number {
        Number::Unsigned => Value::Unsigned(bits),
        Number::Signed => Value::Signed(bits.cast_signed()),
        Number::Float => Value::Float(f64::from_bits(bits)),
    }
}

/// The name of a family in OpenMetrics: a counter's without `_total`, an info's without `_info`.
pub(crate) fn open_metrics_name(name: &str, kind: Kind) -> &str {
    let suffix = match kind {
        Kind::Counter => "_total",
        Kind::Info => "_info",
        _ => return name,
    };
    name.strip_suffix(suffix).unwrap_or(name)
}

/// For each series whether it is exposed before it is touched; empty if all are.
///
/// A series with a sparse value is not, unless `zero` names that value. Values of a sparse label of which `zero` names
/// none are all taken as named, as long as it names some of another.
fn shown_from_the_start(descriptor: &MetricDescriptor) -> Vec<bool> {
    if descriptor.labels.iter().all(|label| !label.sparse) {
        return Vec::new();
    }
    if descriptor.zero.is_empty() {
        return vec![false; descriptor.cardinality()];
    }
    let named = |value: &str| descriptor.zero.contains(&value);
    (0..descriptor.cardinality())
        .map(|mut index| {
            descriptor.labels.iter().rev().all(|label| {
                let value = label.values[index % label.values.len()];
                index /= label.values.len();
                !label.sparse || named(value) || !label.values.iter().any(|value| named(value))
            })
        })
        .collect()
}

fn panic_message(payload: &(dyn core::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().copied();
    text.or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("(no message)")
        .to_owned()
}

impl<'a> SeriesLabels<'a> {
    /// Names and values, the constant ones first.
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, &'a str)> {
        // The last label counts fastest: what the ones behind a label make together is its stride.
        let mut stride: usize = self.labels.iter().map(|label| label.values.len()).product();
        self.constant
            .iter()
            .copied()
            .chain(self.labels.iter().map(move |label| {
                stride /= label.values.len();
                (
                    label.name,
                    label.values[self.index / stride % label.values.len()],
                )
            }))
    }
}
