//! What is known of the series that an expression gives.

use datapunk_metrics_conventions::str_eq;

use super::catalogue::Part;
use crate::descriptor::MetricDescriptor;

/// A set of labels: one bit each, by their place in [`Labels`].
pub(super) type LabelBits = u128;

/// The most labels that the metrics of one rule have together.
const MOST_LABELS: usize = LabelBits::BITS as usize;

/// The labels that one rule speaks of.
#[derive(Clone, Copy)]
pub(super) struct Labels<'a> {
    names: [&'a str; MOST_LABELS],
    length: usize,
}

impl<'a> Labels<'a> {
    pub(super) const fn new() -> Self {
        Self {
            names: [""; MOST_LABELS],
            length: 0,
        }
    }

    /// The bit of a label; none where there are too many to tell apart.
    pub(super) const fn bit(&mut self, name: &'a str) -> LabelBits {
        let mut at = 0;
        while at < self.length {
            if str_eq(self.names[at], name) {
                return 1 << at;
            }
            at += 1;
        }
        if at == MOST_LABELS {
            return 0;
        }
        self.names[at] = name;
        self.length += 1;
        1 << at
    }

    pub(super) const fn name(&self, at: usize) -> &'a str {
        self.names[at]
    }

    pub(super) const fn length(&self) -> usize {
        self.length
    }
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

    pub(super) const fn is_series(&self) -> bool {
        matches!(self.shape, Shape::Series)
    }
}
