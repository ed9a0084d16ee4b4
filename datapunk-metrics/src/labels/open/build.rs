//! The table of a metric, from its descriptor.

use super::{Hashed, OpenLabel};
use crate::descriptor::MetricDescriptor;
use crate::labels::LabelDescriptor;
use crate::table::{Bounds, OTHER, Table};

/// The open labels of a metric, by name.
pub(crate) fn open_labels(
    descriptor: &MetricDescriptor,
) -> impl Iterator<Item = (&'static str, OpenLabel)> {
    let labels: &'static [LabelDescriptor] = descriptor.labels;
    labels
        .iter()
        .filter_map(|label| label.open.map(|open| (label.name, open)))
}

pub(super) fn table(descriptor: &'static MetricDescriptor, owner: usize) -> Table<Hashed> {
    let labels: Vec<OpenLabel> = open_labels(descriptor).map(|(_, label)| label).collect();
    let closed = descriptor.cardinality();
    let shown = descriptor.shown_from_the_start();
    let mut closed_labels = descriptor
        .labels
        .iter()
        .filter(|label| label.open.is_none());
    let other = closed_labels.try_fold(0, |index, label| {
        let other = label.values.iter().position(|value| *value == OTHER)?;
        Some(index * label.values.len() + other)
    });
    let known_values: Vec<&[&str]> = labels.iter().map(|label| label.known).collect();
    Table::new(
        Hashed::new(),
        owner,
        Bounds {
            series: descriptor.max_label_sets(),
            reserved: descriptor.known_rows() * closed,
            closed,
            from_the_start: (0..closed)
                .filter(|index| shown.get(*index).copied().unwrap_or(true))
                .collect(),
            other,
            labels: labels.iter().map(|label| label.max).collect(),
        },
        &known_values,
        &combinations(&known_values),
    )
}

/// Every combination of one value of each label; none where a label has none.
fn combinations<'a>(labels: &[&[&'a str]]) -> Vec<Vec<&'a str>> {
    labels.iter().fold(vec![Vec::new()], |rows, values| {
        let extended = rows.iter().flat_map(|row| {
            values
                .iter()
                .map(move |value| row.iter().copied().chain([*value]).collect())
        });
        extended.collect()
    })
}
