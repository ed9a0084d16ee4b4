//! What a metric is, as constant data: the part of a declaration that exposition, rules and generators read.

use datapunk_metrics_conventions::{Kind, Profile, Retention};

use crate::cells::{Layout, Number};
use crate::labels::LabelDescriptor;
use crate::unit::EncodingKind;

/// One metric of a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricDescriptor {
    /// The final name, namespace included, as Prometheus stores it.
    pub name: &'static str,
    /// FNV-1a of `name`, so that a constant look-up compares numbers before it compares bytes.
    pub hash: u64,
    /// What it measures: the field's doc comment.
    pub help: &'static str,
    /// What kind of metric it is.
    pub kind: Kind,
    /// How its values are numbers.
    pub number: Number,
    #[doc(hidden)]
    pub encoding: EncodingKind,
    /// The base unit at the end of the name, `_total` aside; empty if there is none.
    pub unit: &'static str,
    /// The labels, in the order in which they are exposed.
    pub labels: &'static [LabelDescriptor],
    /// Labels whose value is fixed at compile time, exposed before the others.
    pub constant_labels: &'static [(&'static str, &'static str)],
    /// The upper bounds of a histogram's buckets, in the unit of the metric, without `+Inf`.
    pub buckets: &'static [f64],
    /// The states of a state.
    pub states: &'static [StateDescriptor],
    /// The value that every series has from the start; without one, a gauge is absent until it is set.
    pub initial: Option<f64>,
    /// Values of sparse labels whose series are exposed from the start.
    pub zero: &'static [&'static str],
    /// How many lines an exposition may have for this metric.
    pub max_series: usize,
    /// How long its samples are kept.
    pub retention: Retention,
    /// Whether it stays, and under this name alone.
    pub lifecycle: &'static Lifecycle,
    /// The rules that do not apply, with the reasons.
    pub waivers: &'static [Waiver],
    /// Where it is declared.
    pub location: Location,
}

impl MetricDescriptor {
    /// How many series there can be: the product of the labels' values.
    #[must_use]
    pub const fn cardinality(&self) -> usize {
        let mut product: usize = 1;
        let mut label = 0;
        while label < self.labels.len() {
            product = product.saturating_mul(self.labels[label].values.len());
            label += 1;
        }
        product
    }

    /// The cells of one series.
    pub(crate) const fn layout(&self) -> Layout {
        Layout {
            cells: match self.kind {
                Kind::Histogram => self.buckets.len() + 2,
                Kind::Gauge | Kind::State => 2,
                Kind::Counter | Kind::Ratio | Kind::Info => 1,
            },
            ends_in_float: matches!(self.kind, Kind::Counter | Kind::Histogram)
                && matches!(self.number, Number::Float),
        }
    }

    /// How many lines one series takes in an exposition.
    #[must_use]
    pub const fn lines_per_series(&self) -> usize {
        lines_per_series(self.kind, self.buckets.len())
    }
}

/// A histogram's series is one line a bucket, `+Inf`, `_sum` and `_count`; every other one is one line.
pub(crate) const fn lines_per_series(kind: Kind, buckets: usize) -> usize {
    if matches!(kind, Kind::Histogram) {
        buckets + 3
    } else {
        1
    }
}

/// One state of a [`State`](crate::State) metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StateDescriptor {
    /// The variant's name in snake case.
    pub name: &'static str,
    /// The number that is exposed.
    pub value: i64,
}

/// Whether a metric stays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lifecycle {
    /// It does.
    #[default]
    Stable,
    /// It does, and is exposed under its former name as well for a while.
    RenamedFrom {
        /// The former name.
        name: &'static str,
        /// The version of its crate from which on the former name is gone.
        until: &'static str,
    },
    /// It goes.
    Deprecated {
        /// Why, and what to use instead.
        reason: &'static str,
        /// The version of its crate from which on it is gone.
        until: &'static str,
    },
}

/// A rule that a metric is excused from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Waiver {
    /// The rule's id, as `docs/rules.md` lists it.
    pub rule: &'static str,
    /// Why.
    pub reason: &'static str,
}

/// A place in source code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Location {
    /// The module, whose first segment is the crate.
    pub module: &'static str,
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line of the field.
    pub line: u32,
}

impl core::fmt::Display for Location {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        write!(f, "{}:{} (module `{}`)", self.file, self.line, self.module)
    }
}

/// A metric set as constant data.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetDescriptor {
    /// The type's name.
    pub name: &'static str,
    /// The doc comment of the struct; may be empty.
    pub help: &'static str,
    /// What every metric's name begins with; empty if nothing.
    pub namespace: &'static str,
    /// The rules that its names were checked against.
    pub profile: Profile,
    /// Where the struct is declared.
    pub location: Location,
    /// Its metrics, in the order of the fields.
    pub metrics: &'static [MetricDescriptor],
    /// The sets that it holds.
    pub nested: &'static [&'static SetDescriptor],
}
