//! What an objective is met by.

use super::super::message::Message;
use super::contains;
use crate::descriptor::MetricDescriptor;
use crate::labels::LabelDescriptor;
use crate::objective::Condition;

/// The threshold of an objective is a bound of a bucket, since between two bounds nobody knows how many events there were.
#[track_caller]
pub const fn threshold_is_a_bound(metric: &MetricDescriptor, threshold: f64) {
    let mut above = 0;
    while above < metric.buckets.len() && metric.buckets[above] < threshold {
        above += 1;
    }
    if above < metric.buckets.len() && metric.buckets[above] <= threshold {
        return;
    }
    let message = Message::new()
        .text("threshold `")
        .float(threshold)
        .text("` is no bucket bound of histogram ")
        .name(metric.name)
        .text("\nnote: how many events there are between two bounds is not recorded");
    let below = above.checked_sub(1);
    let message = match below {
        Some(below) => message
            .text("\nhelp: write `threshold = ")
            .float(metric.buckets[below])
            .text("`"),
        None => message.text("\nhelp: write"),
    };
    let message = if above < metric.buckets.len() {
        let message = match below {
            Some(_) => message.text(" or"),
            None => message,
        };
        message
            .text(" `threshold = ")
            .float(metric.buckets[above])
            .text("`")
    } else {
        message
    };
    message.text(", or add the bound to `buckets`").fail()
}

/// The label of a counter that tells failures by itself, with the values that are failures: of outcomes or of status
/// codes. Without a name where there is none, which [`tells_failures`] reports.
#[must_use]
pub const fn failures(labels: &'static [LabelDescriptor]) -> Condition {
    let mut label = 0;
    while label < labels.len() {
        let LabelDescriptor { name, values, .. } = labels[label];
        let failures: &[&str] = if contains(values, "500") || contains(values, "5xx") {
            &["5xx"]
        } else if contains(values, "error") && contains(values, "panicked") {
            &["error", "panicked"]
        } else if contains(values, "error") {
            &["error"]
        } else {
            &[]
        };
        if !failures.is_empty() {
            return Condition {
                label: name,
                values: failures,
            };
        }
        label += 1;
    }
    Condition {
        label: "",
        values: &[],
    }
}

/// A counter with an objective has a label that tells failures by itself.
#[track_caller]
pub const fn tells_failures(metric: &MetricDescriptor) {
    if !failures(metric.labels).values.is_empty() {
        return;
    }
    let message = Message::new()
        .text("no label of counter ")
        .name(metric.name)
        .text(" tells failures\nnote: a label of outcomes has the value `error`, one of status codes `500` or `5xx`");
    if metric.labels.is_empty() {
        message
            .text("\nhelp: give it a label such as `outcome: Outcome`")
            .fail()
    }
    message
        .text("\nhelp: name the values that are failures: `errors(")
        .text(metric.labels[metric.labels.len() - 1].name)
        .text(" = [\u{2026}])`")
        .fail()
}
