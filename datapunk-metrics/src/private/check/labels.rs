//! Labels of a metric, and those that another metric's have to agree with.

use datapunk_metrics_conventions::str_eq;

use super::super::message::Message;
use super::contains;
use crate::descriptor::MetricDescriptor;
use crate::labels::LabelDescriptor;

/// No label has the name of a constant label of the metric.
#[track_caller]
pub const fn labels_differ(metric: &MetricDescriptor) {
    let mut constant = 0;
    while constant < metric.constant_labels.len() {
        let name = metric.constant_labels[constant].0;
        if position(metric.labels, name).is_some() {
            Message::new()
                .text("label ")
                .name(name)
                .text(" of metric ")
                .name(metric.name)
                .text(" is already defined by its `labels(…)`\nhelp: rename one of the two")
                .fail();
        }
        constant += 1;
    }
}

/// A value of `zero` is one of a sparse label of the metric.
#[track_caller]
pub const fn zero_is_sparse(metric: &MetricDescriptor, value: &str) {
    let mut label = 0;
    let mut is_dense = false;
    while label < metric.labels.len() {
        if contains(metric.labels[label].values, value) {
            if metric.labels[label].sparse {
                return;
            }
            is_dense = true;
        }
        label += 1;
    }
    let message = Message::new();
    if is_dense {
        message
            .text("label value ")
            .name(value)
            .text(" is shown from the start anyway, because its label is not sparse\nhelp: remove it from `zero`")
            .fail();
    }
    message
        .text("no sparse label of metric ")
        .name(metric.name)
        .text(" has the value ")
        .name(value)
        .text("\nhelp: remove it from `zero`, or write it as it is exposed")
        .fail()
}

/// Every label of a ratio is one of its counter, with the same values.
#[track_caller]
pub const fn labels_are_of(ratio: &[LabelDescriptor], counter: &[LabelDescriptor]) {
    let mut label = 0;
    while label < ratio.len() {
        let name = ratio[label].name;
        let same = match position(counter, name) {
            Some(at) => {
                same_texts(ratio[label].values, counter[at].values)
                    && ratio[label].open.is_some() == counter[at].open.is_some()
            }
            None => false,
        };
        if !same {
            Message::new()
                .text("label ")
                .name(name)
                .text(" of the ratio is not a label of its counter, or has other values")
                .text("\nhelp: use labels of the counter, without the one in `numerator`")
                .fail();
        }
        label += 1;
    }
}

/// A counter has a label with this name.
#[track_caller]
pub const fn has_label(labels: &[LabelDescriptor], name: &str) {
    if position(labels, name).is_some() {
        return;
    }
    let mut message = Message::new().text("the counter has no label ").name(name);
    let mut label = 0;
    while label < labels.len() {
        message = message
            .text(if label == 0 { "\nhelp: it has " } else { ", " })
            .name(labels[label].name);
        label += 1;
    }
    if labels.is_empty() {
        message = message.text("\nnote: it has no labels, so that there is no share of it");
    }
    message.fail()
}

/// A label of a counter has a value that is named by its variant or by its text.
#[track_caller]
pub const fn has_label_value(labels: &'static [LabelDescriptor], name: &str, value: &str) {
    // That the label itself is missing is reported where it is written.
    let Some(at) = position(labels, name) else {
        return;
    };
    if value_of(&labels[at], value).is_some() {
        return;
    }
    let label = &labels[at];
    let mut message = Message::new()
        .text("label ")
        .name(name)
        .text(" of the counter has no value ")
        .name(value);
    let mut index = 0;
    while index < label.variants.len() {
        message = message
            .text(if index == 0 {
                "\nhelp: its values are "
            } else {
                ", "
            })
            .name(label.variants[index]);
        index += 1;
    }
    if label.open.is_some() {
        message = message
            .text("\nnote: its values come from outside")
            .text("\nhelp: name it in `#[label(known = […])]` of the label");
    }
    message.fail()
}

/// The exposed text of a value that is named by its variant or by that text; empty where [`has_label`] or
/// [`has_label_value`] fails.
#[must_use]
pub const fn label_value(
    labels: &'static [LabelDescriptor],
    name: &str,
    value: &str,
) -> &'static str {
    match position(labels, name) {
        Some(at) => match value_of(&labels[at], value) {
            Some(text) => text,
            None => "",
        },
        None => "",
    }
}

const fn value_of(label: &LabelDescriptor, value: &str) -> Option<&'static str> {
    let mut index = 0;
    if let Some(open) = label.open {
        while index < open.known.len() {
            if str_eq(open.known[index], value) {
                return Some(open.known[index]);
            }
            index += 1;
        }
        return None;
    }
    while index < label.values.len() {
        if str_eq(label.values[index], value) || str_eq(label.variants[index], value) {
            return Some(label.values[index]);
        }
        index += 1;
    }
    None
}

const fn position(labels: &[LabelDescriptor], name: &str) -> Option<usize> {
    let mut label = 0;
    while label < labels.len() {
        if str_eq(labels[label].name, name) {
            return Some(label);
        }
        label += 1;
    }
    None
}

const fn same_texts(left: &[&str], right: &[&str]) -> bool {
    if left.len() != right.len() {
        return false;
    }
    let mut index = 0;
    while index < left.len() {
        if !str_eq(left[index], right[index]) {
            return false;
        }
        index += 1;
    }
    true
}
