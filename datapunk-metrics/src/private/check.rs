//! Checks that need types, so that the compiler runs them and not the macro: one function for each, called in a
//! constant at the place of the token that a user can change.

use datapunk_metrics_conventions::{str_eq, version_is_reached};

use super::message::Message;
use crate::descriptor::{MetricDescriptor, StateDescriptor};
use crate::labels::LabelDescriptor;
use crate::objective::Condition;
use crate::unit::EncodingKind;

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

/// What goes in version `until` of its crate is not in that version. `former` is the name that goes; if it is empty,
/// the metric does.
#[track_caller]
pub const fn is_not_over(version: Option<&str>, until: &str, metric: &str, former: &str) {
    let Some(version) = version else { return };
    if !version_is_reached(version, until) {
        return;
    }
    let message = if former.is_empty() {
        Message::new().text("metric ").name(metric)
    } else {
        let former = Message::new().text("the former name ").name(former);
        former.text(" of metric ").name(metric)
    };
    let message = message
        .text(" was to be gone in version ")
        .text(until)
        .text(", and this is version ")
        .text(version);
    if former.is_empty() {
        message
            .text("\nhelp: remove the field, or give a later version")
            .fail()
    }
    message
        .text("\nhelp: remove `renamed_from` and `until`, or give a later version")
        .fail()
}

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

/// The name of a histogram ends in what its unit asks for.
#[track_caller]
pub const fn name_has_its_unit(metric: &MetricDescriptor) {
    let message = Message::new().text("histogram ").name(metric.name);
    if metric.unit.is_empty() {
        if ends_in(metric.name, "size")
            || ends_in(metric.name, "length")
            || ends_in(metric.name, "items")
        {
            return;
        }
        message
            .text(" counts things, but does not end in `_size`, `_length` or `_items`")
            .text("\nhelp: name it `")
            .text(metric.name)
            .text("_items`")
            .fail();
    }
    if !ends_in(metric.name, metric.unit) {
        message
            .text(" has the unit ")
            .name(metric.unit)
            .text(", but does not end in it\nhelp: name it `")
            .text(metric.name)
            .text("_")
            .text(metric.unit)
            .text("`, or use the unit that the name ends in")
            .fail();
    }
}

/// Whether `name` ends in `_suffix`.
const fn ends_in(name: &str, suffix: &str) -> bool {
    let (name, suffix) = (name.as_bytes(), suffix.as_bytes());
    if name.len() <= suffix.len() {
        return false;
    }
    let (stem, end) = name.split_at(name.len() - suffix.len());
    let mut byte = 0;
    while byte < suffix.len() {
        if end[byte] != suffix[byte] {
            return false;
        }
        byte += 1;
    }
    stem[stem.len() - 1] == b'_'
}

/// The buckets rise, are finite, and can be told apart in the encoding of their unit.
#[track_caller]
pub const fn buckets_fit(metric: &MetricDescriptor) {
    let bounds = metric.buckets;
    if bounds.is_empty() {
        Message::new()
            .text("the buckets of histogram ")
            .name(metric.name)
            .text(" are empty\nhelp: name at least one bound")
            .fail();
    }
    let mut bound = 0;
    while bound < bounds.len() {
        let (fact, help) = if !bounds[bound].is_finite() {
            (" is not finite", "remove it; `+Inf` is always there")
        } else if bounds[bound] < 0.0 && !matches!(metric.encoding, EncodingKind::Float) {
            (" is below 0, where its unit has no values", "remove it")
        } else if bound > 0 && bounds[bound] <= bounds[bound - 1] {
            (
                " is not above the bound before it",
                "sort the bounds, each once",
            )
        } else {
            bound += 1;
            continue;
        };
        Message::new()
            .text("bucket bound ")
            .number(bound + 1)
            .text(" of histogram ")
            .name(metric.name)
            .text(fact)
            .text("\nhelp: ")
            .text(help)
            .fail();
    }
}

/// The buckets of a histogram that declares none; none where [`has_default_buckets`] fails.
#[must_use]
pub const fn default_buckets(buckets: Option<&'static [f64]>) -> &'static [f64] {
    match buckets {
        Some(buckets) => buckets,
        None => &[],
    }
}

/// The unit of a histogram that declares no buckets has some.
#[track_caller]
pub const fn has_default_buckets(buckets: Option<&[f64]>, name: &str) {
    if buckets.is_none() {
        Message::new()
            .text("histogram ")
            .name(name)
            .text(" has no `buckets`\nnote: its unit has none of its own; `Seconds` has")
            .text("\nhelp: write `#[metric(buckets = [1.0, 10.0, 100.0])]` with the bounds that its values need")
            .fail();
    }
}

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

/// The number of the state with this name; 0 where [`state_exists`] fails.
#[must_use]
pub const fn state_number(states: &[StateDescriptor], name: &str) -> i64 {
    let mut state = 0;
    while state < states.len() {
        if str_eq(states[state].name, name) {
            return states[state].value;
        }
        state += 1;
    }
    0
}

/// There is a state with this name.
#[track_caller]
pub const fn state_exists(states: &[StateDescriptor], name: &str, variant: &str) {
    let mut message = Message::new().text("no state is named ").name(variant);
    let mut state = 0;
    while state < states.len() {
        if str_eq(states[state].name, name) {
            return;
        }
        message = message
            .text(if state == 0 {
                "\nhelp: the states are "
            } else {
                ", "
            })
            .name(states[state].name);
        state += 1;
    }
    message.text(", each written as its variant").fail()
}

/// No two states have one number.
#[track_caller]
pub const fn states_differ(states: &[StateDescriptor]) {
    let mut state = 0;
    while state < states.len() {
        let mut other = 0;
        while other < state {
            if states[other].value == states[state].value {
                Message::new()
                    .text("states ")
                    .name(states[other].name)
                    .text(" and ")
                    .name(states[state].name)
                    .text(" have one number\nhelp: give one of the two another with `#[state(value = …)]`")
                    .fail();
            }
            other += 1;
        }
        state += 1;
    }
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

const fn contains(values: &[&str], value: &str) -> bool {
    let mut index = 0;
    while index < values.len() {
        if str_eq(values[index], value) {
            return true;
        }
        index += 1;
    }
    false
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
