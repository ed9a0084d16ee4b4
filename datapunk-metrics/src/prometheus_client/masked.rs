//! What an attached registry shows, without secrets and personal data.

use std::borrow::Cow;
use std::collections::HashMap;

use datapunk_metrics_conventions::Kind;

use crate::collect::Value;
use crate::collect::foreign::{Exemplar, ForeignFamily, ForeignHistogram, ForeignValue};
use crate::privacy::mask;

/// Names and values of labels.
type Labels = Vec<(String, String)>;

/// Masks helps, label values and exemplars. Returns how many texts were masked.
///
/// Series that are one without what was masked are added up, as far as they can be. The others are refused later, as every
/// series that is there twice.
pub(super) fn mask_all(families: &mut [ForeignFamily]) -> u64 {
    let mut count = 0;
    for family in families {
        count += mask_text(&mut family.help);
        let series = std::mem::take(&mut family.series);
        let mut masked: HashMap<Labels, usize> = HashMap::new();
        for mut one in series {
            count += mask_exemplars(&mut one.value);
            let changed = mask_labels(&mut one.labels);
            count += changed;
            if changed > 0 {
                let at = *masked
                    .entry(one.labels.clone())
                    .or_insert(family.series.len());
                let same = family.series.get_mut(at);
                if same.is_some_and(|same| add(family.kind, &mut same.value, &one.value)) {
                    continue;
                }
            }
            family.series.push(one);
        }
    }
    count
}

fn mask_text(text: &mut String) -> u64 {
    let Cow::Owned(masked) = mask(text) else {
        return 0;
    };
    *text = masked;
    1
}

fn mask_labels(labels: &mut Labels) -> u64 {
    labels.iter_mut().map(|(_, value)| mask_text(value)).sum()
}

fn mask_exemplars(value: &mut ForeignValue) -> u64 {
    let mask = |exemplar: &mut Exemplar| mask_labels(&mut exemplar.labels);
    match value {
        ForeignValue::Number(_, exemplar) => exemplar.iter_mut().map(mask).sum(),
        ForeignValue::Histogram(histogram) => {
            histogram.exemplars.iter_mut().flatten().map(mask).sum()
        }
    }
}

/// Adds `other` to `value`; not where the last of several values says nothing of the others.
fn add(kind: Option<Kind>, value: &mut ForeignValue, other: &ForeignValue) -> bool {
    match (kind, value, other) {
        (Some(Kind::Counter), ForeignValue::Number(value, _), ForeignValue::Number(other, _)) => {
            *value = sum(*value, *other);
            true
        }
        (_, ForeignValue::Histogram(value), ForeignValue::Histogram(other))
            if value.bounds == other.bounds =>
        {
            add_histogram(value, other);
            true
        }
        _ => false,
    }
}

fn add_histogram(value: &mut ForeignHistogram, other: &ForeignHistogram) {
    for (bucket, other) in value.buckets.iter_mut().zip(&other.buckets) {
        *bucket = bucket.wrapping_add(*other);
    }
    value.sum = sum(value.sum, other.sum);
}

fn sum(one: Value, other: Value) -> Value {
    match (one, other) {
        (Value::Unsigned(one), Value::Unsigned(other)) => Value::Unsigned(one.wrapping_add(other)),
        _ => Value::Float(one.as_f64() + other.as_f64()),
    }
}
