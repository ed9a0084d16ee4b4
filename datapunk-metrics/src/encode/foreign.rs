//! The lines of a family that no set declares. Nothing of it is known before, so nothing is kept.

use super::buffer::Buffer;
use super::number::NumberText;
use super::{Format, frame, open_metrics};
use crate::collect::Value;
use crate::collect::foreign::{
    Exemplar, ForeignFamily, ForeignHistogram, ForeignSeries, ForeignValue, as_text,
};
use crate::identity::exposed_beside;

/// Appends the lines of a series.
pub(super) fn push_series(
    out: &mut Buffer,
    format: Format,
    family: &ForeignFamily,
    series: &ForeignSeries,
) {
    let exposed = exposed_beside(as_text(&series.labels));
    let labels = frame::pairs_text(exposed.into_iter().chain(as_text(&series.labels)));
    let mut lines = Lines {
        out,
        format,
        name: &family.name,
        labels: &labels,
    };
    match &series.value {
        ForeignValue::Number(value, exemplar) => {
            lines.push("", None, *value, exemplar.as_ref());
        }
        ForeignValue::Histogram(histogram) => lines.push_histogram(histogram),
    }
}

/// The lines of one series.
struct Lines<'a> {
    out: &'a mut Buffer,
    format: Format,
    name: &'a str,
    /// As they are written.
    labels: &'a str,
}

impl Lines<'_> {
    fn push_histogram(&mut self, histogram: &ForeignHistogram) {
        let bounds = histogram.bounds.iter().chain([&f64::INFINITY]);
        let mut count: u64 = 0;
        for (at, (bound, own)) in bounds.zip(&histogram.buckets).enumerate() {
            count = count.wrapping_add(*own);
            let exemplar = histogram.exemplars.get(at).and_then(Option::as_ref);
            let bound = frame::bound_text(*bound, self.format);
            self.push("_bucket", Some(&bound), Value::Unsigned(count), exemplar);
        }
        if self.format == Format::Text || open_metrics::has_sum(&histogram.bounds) {
            self.push("_sum", None, histogram.sum, None);
            self.push("_count", None, Value::Unsigned(count), None);
        }
    }

    fn push(
        &mut self,
        suffix: &str,
        bound: Option<&str>,
        value: Value,
        exemplar: Option<&Exemplar>,
    ) {
        let mut start = format!("{}{suffix}", self.name);
        if bound.is_some() || !self.labels.is_empty() {
            start.extend(["{", self.labels]);
            if let Some(bound) = bound {
                let comma = if self.labels.is_empty() { "" } else { "," };
                start.extend([comma, "le=\"", bound, "\""]);
            }
            start.push('}');
        }
        start.push(' ');
        self.out.push_str(&start);
        self.push_number(value);
        // The text format has none.
        if let Some(exemplar) = exemplar.filter(|_| self.format == Format::OpenMetrics) {
            self.push_exemplar(exemplar);
        }
        self.out.push_str("\n");
    }

    fn push_exemplar(&mut self, exemplar: &Exemplar) {
        self.out.push_str(" # {");
        self.out
            .push_str(&frame::pairs_text(as_text(&exemplar.labels)));
        self.out.push_str("} ");
        self.push_number(Value::Float(exemplar.value));
        if let Some(timestamp) = exemplar.timestamp {
            self.out.push_str(" ");
            self.push_number(Value::Float(timestamp));
        }
    }

    fn push_number(&mut self, value: Value) {
        self.out.push_number(&NumberText::new(value));
    }
}
