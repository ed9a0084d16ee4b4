//! How many series there can be.

use super::super::message::Message;
use crate::descriptor::MetricDescriptor;
use crate::labels::LabelDescriptor;

/// The number of combinations of a label set's values fits a `usize`.
#[track_caller]
pub const fn cardinality_fits(labels: &[LabelDescriptor]) {
    let mut product: usize = 1;
    let mut label = 0;
    while label < labels.len() {
        if labels[label].open.is_some() {
            label += 1;
            continue;
        }
        product = match product.checked_mul(labels[label].values.len()) {
            Some(product) => product,
            None => Message::new()
                .text("the label set has more combinations of values than a program can hold")
                .text("\nhelp: take a label away, or use one with fewer values")
                .fail(),
        };
        label += 1;
    }
}

/// A metric has no more lines in an exposition than its budget.
#[track_caller]
pub const fn fits_its_budget(metric: &MetricDescriptor) {
    if metric.fits_its_budget() {
        return;
    }
    let lines = metric
        .known_label_sets()
        .saturating_mul(metric.lines_per_series());
    let mut message = Message::new()
        .text("metric ")
        .name(metric.name)
        .text(" can have ")
        .number(lines)
        .text(" series, and its budget is ")
        .number(metric.max_series);
    let mut biggest = 0;
    let mut label = 0;
    let mut between = "\nnote: ";
    while label < metric.labels.len() {
        let values = known_values(metric, label);
        if values > known_values(metric, biggest) {
            biggest = label;
        }
        if values > 0 {
            message = message
                .text(between)
                .number(values)
                .text(if metric.labels[label].open.is_some() {
                    " known of "
                } else {
                    " of "
                })
                .name(metric.labels[label].name);
            between = " × ";
        }
        label += 1;
    }
    if metric.lines_per_series() > 1 {
        message = message
            .text(between)
            .number(metric.lines_per_series())
            .text(" lines of a histogram");
    }
    message = if metric.labels.is_empty() {
        message.text("\nhelp: write")
    } else {
        message
            .text("; the biggest label is ")
            .name(metric.labels[biggest].name)
            .text("\nhelp: use a label with fewer values, or write")
    };
    message
        .text(" `max_series = ")
        .number(lines)
        .text("` in `#[metric(…)]`")
        .fail()
}

/// How many values of a label count for the budget: where one open label has no known values, those of none do.
const fn known_values(metric: &MetricDescriptor, label: usize) -> usize {
    match metric.labels[label].open {
        Some(_) if metric.known_rows() == 0 => 0,
        Some(open) => open.known.len(),
        None => metric.labels[label].values.len(),
    }
}
