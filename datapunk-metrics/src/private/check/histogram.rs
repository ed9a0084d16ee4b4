//! Units and buckets of histograms.

use super::super::message::Message;
use crate::descriptor::MetricDescriptor;
use crate::unit::EncodingKind;

/// The name of a histogram ends in what its unit asks for.
#[track_caller]
pub const fn name_has_its_unit(metric: &MetricDescriptor) {
    if metric.unit.is_empty() {
        if ends_in(metric.name, "size")
            || ends_in(metric.name, "length")
            || ends_in(metric.name, "items")
        {
            return;
        }
        Message::new()
            .text("histogram ")
            .name(metric.name)
            .text(" counts things, but does not end in `_size`, `_length` or `_items`")
            .text("\nhelp: name it `")
            .text(metric.name)
            .text("_items`")
            .fail();
    }
    if !ends_in(metric.name, metric.unit) {
        Message::new()
            .text("histogram ")
            .name(metric.name)
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
