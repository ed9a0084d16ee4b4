//! What a metric is, as constant data: the part of a declaration that exposition, rules and generators read.

use datapunk_metrics_conventions::{Kind, Profile, Retention};

use crate::cells::{Layout, Number};
use crate::labels::LabelDescriptor;
use crate::objective::Objective;
use crate::unit::EncodingKind;

/// One metric of a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MetricDescriptor {
    /// The final name, namespace included, as Prometheus stores it.
    pub name: &'static str,
    /// FNV-1a of `name`, so that a constant look-up compares numbers before it compares bytes.
    pub hash: u64,
    /// The pairs of letters of `name`, by which a name that is wrong by a letter finds it.
    pub pairs: u64,
    /// The hashes of the halves of `name`, of which such a name has one.
    pub halves: u64,
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
    /// What share of its events has to be good.
    pub objective: Option<&'static Objective>,
    /// The rules that do not apply, with the reasons.
    pub waivers: &'static [Waiver],
    /// Where it is declared.
    pub location: Location,
}

impl MetricDescriptor {
    /// How many combinations of closed label values there can be: their product. That is how many series there can be,
    /// unless there are open labels.
    #[must_use]
    pub const fn cardinality(&self) -> usize {
        let mut product: usize = 1;
        let mut label = 0;
        while label < self.labels.len() {
            if self.labels[label].open.is_none() {
                product = product.saturating_mul(self.labels[label].values.len());
            }
            label += 1;
        }
        product
    }

    /// Whether it has open labels, so that its series come at run time.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        let mut label = 0;
        while label < self.labels.len() {
            if self.labels[label].open.is_some() {
                return true;
            }
            label += 1;
        }
        false
    }

    /// Whether its samples are added to what is there, so that those of several series can be counted as one.
    pub(crate) const fn adds_up(&self) -> bool {
        matches!(self.kind, Kind::Counter | Kind::Histogram)
    }

    /// How many label sets its budget has room for: a histogram takes several lines for each.
    #[must_use]
    pub const fn max_label_sets(&self) -> usize {
        self.max_series / self.lines_per_series()
    }

    /// How many label sets are known when it is compiled: with open labels, those of their known values, of which there
    /// are as many as of one value at least.
    pub(crate) const fn known_label_sets(&self) -> usize {
        let rows = self.known_rows();
        let rows = if rows == 0 { 1 } else { rows };
        self.cardinality().saturating_mul(rows)
    }

    /// Whether its budget has room for what is known when it is compiled.
    pub(crate) const fn fits_its_budget(&self) -> bool {
        let label_sets = self.known_label_sets();
        label_sets.saturating_mul(self.lines_per_series()) <= self.max_series
    }

    /// How many combinations of known values of the open labels there are: 0 if one of these has none.
    #[must_use]
    pub const fn known_rows(&self) -> usize {
        let mut product: usize = 1;
        let mut label = 0;
        while label < self.labels.len() {
            if let Some(open) = self.labels[label].open {
                product = product.saturating_mul(open.known.len());
            }
            label += 1;
        }
        product
    }

    /// For each combination of closed label values, whether its series is exposed before it is touched; empty if all
    /// are.
    ///
    /// A series with a sparse value is not, unless `zero` names that value. Values of a sparse label of which `zero`
    /// names none are all taken as named, as long as it names some of another.
    pub(crate) fn shown_from_the_start(&self) -> Vec<bool> {
        if self.labels.iter().all(|label| !label.sparse) {
            return Vec::new();
        }
        if self.zero.is_empty() {
            return vec![false; self.cardinality()];
        }
        let named = |value: &str| self.zero.contains(&value);
        (0..self.cardinality())
            .map(|mut index| {
                let closed = self.labels.iter().filter(|label| label.open.is_none());
                closed.rev().all(|label| {
                    let value = label.values[index % label.values.len()];
                    index /= label.values.len();
                    !label.sparse || named(value) || !label.values.iter().any(|value| named(value))
                })
            })
            .collect()
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
        // One line a bucket, `+Inf`, `_sum` and `_count`.
        if matches!(self.kind, Kind::Histogram) {
            self.buckets.len() + 3
        } else {
            1
        }
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
