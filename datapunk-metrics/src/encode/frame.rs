//! What all series of a family have in common in one format: the order of their lines, and what stands around labels and
//! numbers.

use super::buffer::Buffer;
use super::number::{self, NumberText};
use super::{Format, escape, open_metrics, text};
use crate::collect::{Head, SeriesLabels, Shape, Snapshot, Value};
use crate::identity::exposed_beside;

/// The frame of a family's lines.
pub(super) enum Frame {
    Number {
        name: &'static str,
    },
    Histogram {
        name: &'static str,
        /// `le="0.5"} ` for each bound, `+Inf` the last.
        bounds: Vec<String>,
        /// Whether the format has `_sum` and `_count`.
        has_sum: bool,
    },
}

impl Frame {
    pub(super) fn new(format: Format, family: Snapshot<'_>) -> Self {
        let name = family.head().name;
        if family.shape() != Shape::Histogram {
            return Self::Number { name };
        }
        let bounds = family.descriptor().buckets;
        Self::Histogram {
            name,
            bounds: bounds
                .iter()
                .chain([&f64::INFINITY])
                .map(|bound| format!("le=\"{}\"}} ", bound_text(*bound, format)))
                .collect(),
            has_sum: format == Format::Text || open_metrics::has_sum(bounds),
        }
    }

    /// How many lines a series has.
    pub(super) fn lines(&self) -> usize {
        match self {
            Self::Number { .. } => 1,
            Self::Histogram {
                bounds, has_sum, ..
            } => bounds.len() + 2 * usize::from(*has_sum),
        }
    }

    /// Appends the lines of a series.
    pub(super) fn push_series<'a>(
        &self,
        out: &mut Buffer,
        family: Snapshot<'_>,
        series: usize,
        numbers: impl Numbers<'a>,
    ) {
        let mut labels = String::new();
        numbers.each(series, |line, value| {
            if line == 0 {
                labels = labels_text(family.labels(series));
            }
            self.push_beginning(out, line, &labels);
            out.push_number_line(&NumberText::new(value));
        });
    }

    /// Appends what stands before the number of a line.
    pub(super) fn push_beginning(&self, out: &mut Buffer, line: usize, labels: &str) {
        match self {
            Self::Number { name } => {
                out.push_str(name);
                push_braced(out, labels);
            }
            Self::Histogram { name, bounds, .. } => {
                out.push_str(name);
                if let Some(bound) = bounds.get(line) {
                    out.push_str("_bucket{");
                    if !labels.is_empty() {
                        out.push_str(labels);
                        out.push_str(",");
                    }
                    out.push_str(bound);
                } else {
                    let is_sum = line == bounds.len();
                    out.push_str(if is_sum { "_sum" } else { "_count" });
                    push_braced(out, labels);
                }
            }
        }
    }
}

/// The numbers of a family, by series. Each kind of family has a type of its own, so that a loop over many series asks
/// once which it is.
pub(super) trait Numbers<'a>: Copy {
    /// How many numbers a series has, as they are read from cells.
    fn width(self) -> usize;

    /// How many lines a series has.
    fn lines(self) -> usize;

    /// The numbers of all series, as they are read from cells.
    fn all(self) -> &'a [u64];

    /// The numbers of a series, as they are read from cells.
    #[inline]
    fn of(self, series: usize) -> &'a [u64] {
        &self.all()[series * self.width()..][..self.width()]
    }

    /// Calls `each` with the number of each line of a series; not at all if the series is not shown.
    fn each(self, series: usize, each: impl FnMut(usize, Value));
}

/// Unsigned numbers of series that are all shown.
#[derive(Clone, Copy)]
pub(super) struct Totals<'a>(pub(super) &'a [u64]);

/// One number for each series, of any kind.
#[derive(Clone, Copy)]
pub(super) struct Singles<'a>(pub(super) Snapshot<'a>);

/// Buckets and, if the format has them, sum and count.
#[derive(Clone, Copy)]
pub(super) struct Histograms<'a> {
    family: Snapshot<'a>,
    has_sum: bool,
    width: usize,
}

impl<'a> Histograms<'a> {
    pub(super) fn new(family: Snapshot<'a>, has_sum: bool) -> Self {
        Self {
            family,
            has_sum,
            width: family.width(),
        }
    }
}

impl<'a> Numbers<'a> for Totals<'a> {
    #[inline]
    fn width(self) -> usize {
        1
    }

    #[inline]
    fn lines(self) -> usize {
        1
    }

    #[inline]
    fn all(self) -> &'a [u64] {
        self.0
    }

    #[inline]
    fn each(self, series: usize, mut each: impl FnMut(usize, Value)) {
        each(0, Value::Unsigned(self.0[series]));
    }
}

impl<'a> Numbers<'a> for Singles<'a> {
    #[inline]
    fn width(self) -> usize {
        self.0.width()
    }

    #[inline]
    fn lines(self) -> usize {
        1
    }

    #[inline]
    fn all(self) -> &'a [u64] {
        self.0.values()
    }

    #[inline]
    fn each(self, series: usize, mut each: impl FnMut(usize, Value)) {
        if let Some(value) = self.0.number(series) {
            each(0, value);
        }
    }
}

impl<'a> Numbers<'a> for Histograms<'a> {
    #[inline]
    fn width(self) -> usize {
        self.width
    }

    #[inline]
    fn lines(self) -> usize {
        // The sum is a number too.
        self.width - 1 + 2 * usize::from(self.has_sum)
    }

    #[inline]
    fn all(self) -> &'a [u64] {
        self.family.values()
    }

    #[inline]
    fn each(self, series: usize, mut each: impl FnMut(usize, Value)) {
        let Some(histogram) = self.family.histogram(series) else {
            return;
        };
        let mut count: u64 = 0;
        for (line, own) in histogram.buckets.iter().enumerate() {
            // A bucket counts the values of those below it too.
            count = count.wrapping_add(*own);
            each(line, Value::Unsigned(count));
        }
        if self.has_sum {
            let lines = histogram.buckets.len();
            each(lines, histogram.sum);
            each(lines + 1, Value::Unsigned(count));
        }
    }
}

/// Appends labels in braces, if there are any, and the space behind them.
fn push_braced(out: &mut Buffer, labels: &str) {
    if labels.is_empty() {
        out.push_str(" ");
    } else {
        out.push_str("{");
        out.push_str(labels);
        out.push_str("} ");
    }
}

/// Appends the lines before the samples of a family.
pub(super) fn push_description(out: &mut Buffer, format: Format, head: &Head<'_>) {
    let mut description = String::new();
    match format {
        Format::Text => text::push_head(&mut description, head),
        Format::OpenMetrics => open_metrics::push_head(&mut description, head),
    }
    out.push_str(&description);
}

pub(super) fn bound_text(bound: f64, format: Format) -> String {
    let mut text = String::new();
    number::push_canonical(&mut text, bound);
    if format == Format::OpenMetrics && bound.is_finite() && !text.contains(['.', 'e']) {
        text.push_str(".0");
    }
    text
}

/// Names and values of a series' labels, before them that of the whole process if it is exposed.
pub(super) fn labels_text(labels: SeriesLabels<'_>) -> String {
    let exposed = exposed_beside(labels.iter());
    pairs_text(exposed.into_iter().chain(labels.iter()))
}

/// Names and values, with commas between them.
pub(super) fn pairs_text<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut out = String::new();
    for (position, (name, value)) in pairs.enumerate() {
        if position > 0 {
            out.push(',');
        }
        out.push_str(name);
        out.push_str("=\"");
        escape::push_label_value(&mut out, value);
        out.push('"');
    }
    out
}
