//! The exposition as it is written: one line after the other into one buffer.

use super::{Format, escape, number, open_metrics, text};
use crate::collect::{Head, HistogramValue, SeriesLabels, Value, Visitor};

/// Room for a small service; a larger one doubles it a few times.
const CAPACITY: usize = 16 * 1024;

/// Writes what it is shown. What several lines have in common is rendered once and then copied.
pub(super) struct Exposition {
    format: Format,
    out: String,
    /// The name of the family, as its samples have it.
    name: String,
    /// The labels of one series, each with a comma behind it.
    labels: String,
    /// `name_bucket{labels,` of one series.
    bucket: String,
    bounds: Bounds,
}

/// The ends of a histogram's bucket lines up to the value, `le="0.5"} `, one behind the other.
#[derive(Default)]
struct Bounds {
    text: String,
    /// Where each ends; empty until the family's first series.
    ends: Vec<usize>,
}

impl Exposition {
    pub(super) fn new(format: Format) -> Self {
        Self {
            format,
            out: String::with_capacity(CAPACITY),
            name: String::new(),
            labels: String::new(),
            bucket: String::new(),
            bounds: Bounds::default(),
        }
    }

    /// The whole text.
    pub(super) fn finish(mut self) -> String {
        if self.format == Format::OpenMetrics {
            self.out.push_str(open_metrics::END);
        }
        self.out
    }

    /// Renders the labels of a series for the lines that follow.
    fn render_labels(&mut self, labels: SeriesLabels<'_>) {
        self.labels.clear();
        for (name, value) in labels.iter() {
            self.labels.push_str(name);
            self.labels.push_str("=\"");
            escape::push_label_value(&mut self.labels, value);
            self.labels.push_str("\",");
        }
    }

    /// Appends a line up to its value: name, suffix and the rendered labels.
    fn push_series(&mut self, suffix: &str) {
        self.out.push_str(&self.name);
        self.out.push_str(suffix);
        // Without the comma behind the last label.
        if let Some(labels) = self.labels.strip_suffix(',') {
            self.out.push('{');
            self.out.push_str(labels);
            self.out.push('}');
        }
        self.out.push(' ');
    }

    /// Ends a sample's line; in OpenMetrics an exemplar stands before the line feed.
    fn end_sample(&mut self) {
        self.out.push('\n');
    }
}

impl Visitor for Exposition {
    fn family(&mut self, head: Head<'_>) {
        self.name.clear();
        self.name.push_str(head.name);
        self.bounds.clear();
        match self.format {
            Format::Text => text::push_head(&mut self.out, &head),
            Format::OpenMetrics => open_metrics::push_head(&mut self.out, &head),
        }
    }

    fn number(&mut self, labels: SeriesLabels<'_>, value: Value) {
        self.render_labels(labels);
        self.push_series("");
        number::push_value(&mut self.out, value);
        self.end_sample();
    }

    fn histogram(&mut self, labels: SeriesLabels<'_>, histogram: HistogramValue<'_>) {
        self.render_labels(labels);
        self.bounds.render(histogram.bounds, self.format);
        self.bucket.clear();
        self.bucket.push_str(&self.name);
        self.bucket.push_str("_bucket{");
        self.bucket.push_str(&self.labels);

        let mut count: u64 = 0;
        let mut start = 0;
        for (position, own) in histogram.buckets.iter().enumerate() {
            // A bucket counts the values of those below it too.
            count = count.wrapping_add(*own);
            let end = self.bounds.ends[position];
            self.out.push_str(&self.bucket);
            self.out.push_str(&self.bounds.text[start..end]);
            number::push_unsigned(&mut self.out, count);
            self.end_sample();
            start = end;
        }
        if self.format == Format::OpenMetrics && !open_metrics::has_sum(histogram.bounds) {
            return;
        }
        self.push_series("_sum");
        number::push_float(&mut self.out, histogram.sum);
        self.end_sample();
        self.push_series("_count");
        number::push_unsigned(&mut self.out, count);
        self.end_sample();
    }
}

impl Bounds {
    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Renders the bounds and `+Inf`, unless another series of the family has done so.
    fn render(&mut self, bounds: &[f64], format: Format) {
        if !self.ends.is_empty() {
            return;
        }
        for bound in bounds.iter().chain([&f64::INFINITY]) {
            self.text.push_str("le=\"");
            let start = self.text.len();
            number::push_canonical(&mut self.text, *bound);
            if format == Format::OpenMetrics
                && bound.is_finite()
                && !self.text[start..].contains(['.', 'e'])
            {
                self.text.push_str(".0");
            }
            self.text.push_str("\"} ");
            self.ends.push(self.text.len());
        }
    }
}
