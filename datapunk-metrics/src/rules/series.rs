//! What is known of the series that an expression gives.

use datapunk_metrics_conventions::Kind;
use datapunk_metrics_rules::packed::{File, Label, List};

use super::catalogue::Part;
use crate::descriptor::MetricDescriptor;

/// A set of labels: one bit each, by their place in [`Labels`].
pub(super) type LabelBits = u128;

/// The most labels that one rule and its metrics have together.
const MOST_LABELS: usize = LabelBits::BITS as usize;

/// The most of them that the rule does not name.
const MOST_OTHERS: usize = MOST_LABELS / 2;

/// The labels that one rule speaks of: those that every target has, `le`, and those that it names, by their places in the
/// facts of the rule. Then those of its metrics.
#[derive(Clone, Copy)]
pub(super) struct Labels<'a> {
    file: File<'a>,
    /// The names of the rule.
    names: List,
    targets: usize,
    /// The names that are not the rule's, with their hashes.
    others: [(&'a str, u64); MOST_OTHERS],
    length: usize,
}

impl<'a> Labels<'a> {
    /// The labels of a rule, of which the first ones are those of all targets.
    pub(super) const fn of_rule(file: &File<'a>, names: List, targets: usize) -> Self {
        Self {
            file: *file,
            names,
            targets,
            others: [("", 0); MOST_OTHERS],
            length: 0,
        }
    }

    /// The labels that a scraped series has, whatever the metric.
    pub(super) const fn of_target(&self) -> LabelBits {
        (1 << self.targets) - 1
    }

    /// The label of a bucket's bound.
    pub(super) const fn le(&self) -> LabelBits {
        1 << self.targets
    }

    /// The bit of a label by its name and the hash of it; none where there are too many to tell apart.
    pub(super) const fn bit(&mut self, name: &'a str, hash: u64) -> LabelBits {
        // Each step counts in a constant. Hashes of 64 bits tell names apart.
        let mut at = 0;
        while at < self.names.length {
            if self.file.name_hash(self.names, at) == hash {
                return bit_at(at);
            }
            at += 1;
        }
        let mut other = 0;
        while other < self.length {
            if self.others[other].1 == hash {
                return bit_at(at + other);
            }
            other += 1;
        }
        if other == MOST_OTHERS {
            return 0;
        }
        self.others[other] = (name, hash);
        self.length += 1;
        bit_at(at + other)
    }

    pub(super) const fn name(&self, at: usize) -> &'a str {
        if at < self.names.length {
            self.file.name(self.names, at)
        } else {
            self.others[at - self.names.length].0
        }
    }

    /// How many there are that have a bit.
    pub(super) const fn length(&self) -> usize {
        let length = self.names.length + self.length;
        if length < MOST_LABELS {
            length
        } else {
            MOST_LABELS
        }
    }
}

/// The bit of a label by its place in its rule; none where there are too many to tell apart.
pub(super) const fn bit_at(label: Label) -> LabelBits {
    if label < MOST_LABELS { 1 << label } else { 0 }
}

/// What values are.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Value {
    /// Of a metric that says nothing of its kind.
    Unknown,
    /// A total that only goes up.
    Counter,
    /// A value now.
    Gauge,
    /// Calculated.
    Calculated,
    /// A quantile of a histogram, in its unit.
    Quantile,
}

/// What an expression gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// One number without labels.
    Scalar,
    /// A text.
    Text,
    /// Series.
    Series,
}

/// What is known of the series that an expression gives.
#[derive(Clone, Copy)]
pub(super) struct Series {
    pub(super) shape: Shape,
    /// The labels that every series has.
    pub(super) labels: LabelBits,
    /// The labels that some of them have, those of all included.
    pub(super) maybe: LabelBits,
    /// Whether there may be labels that nothing is known of.
    pub(super) is_open: bool,
    /// The labels that have one value, by a matcher.
    pub(super) fixed: LabelBits,
    pub(super) value: Value,
    /// Whether series of several instances were added up.
    pub(super) is_aggregated: bool,
    /// Whether they are series of somebody else's metric as they are, of which nobody knows what labels go together.
    pub(super) is_foreign: bool,
    /// The metric, if all series are of one.
    pub(super) metric: Option<&'static MetricDescriptor>,
    pub(super) part: Part,
}

impl Series {
    pub(super) const fn of_shape(shape: Shape) -> Self {
        Self {
            shape,
            labels: 0,
            maybe: 0,
            is_open: false,
            fixed: 0,
            value: Value::Calculated,
            is_aggregated: false,
            is_foreign: false,
            metric: None,
            part: Part::Whole,
        }
    }

    /// Series with labels that nothing is known of.
    pub(super) const fn opaque() -> Self {
        Self {
            is_open: true,
            value: Value::Unknown,
            ..Self::of_shape(Shape::Series)
        }
    }

    pub(super) const fn with_value(self, value: Value) -> Self {
        Self { value, ..self }
    }

    /// Whether all labels are known, and every series has the same.
    pub(super) const fn is_uniform(&self) -> bool {
        !self.is_open && self.labels == self.maybe
    }

    /// Whether each target has one of them at most, whatever its labels: facts such as a version.
    pub(super) const fn is_one_of_each_target(&self) -> bool {
        match self.metric {
            Some(metric) => matches!(metric.kind, Kind::Info) && !self.is_aggregated,
            None => false,
        }
    }

    pub(super) const fn is_series(&self) -> bool {
        matches!(self.shape, Shape::Series)
    }
}
