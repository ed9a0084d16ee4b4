//! The table of the standard's metrics, as the documentation has it.

use std::fs;

/// One row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The set, or the service that has it.
    pub set: String,
    /// The metric.
    pub metric: String,
    /// Its kind.
    pub kind: String,
    /// Its labels, each with its values if the table names them.
    pub labels: Vec<(String, Vec<String>)>,
    /// What else it says.
    pub values: String,
}

impl Row {
    /// The bounds of the buckets, if the table names them.
    ///
    /// # Panics
    ///
    /// If one is not a number.
    #[must_use]
    pub fn buckets(&self) -> Option<Vec<f64>> {
        let bounds = self.values.strip_prefix("buckets ")?.split(' ');
        Some(
            bounds
                .map(|bound| bound.parse().expect("a number"))
                .collect(),
        )
    }

    /// The states with their numbers, and the initial one.
    ///
    /// # Panics
    ///
    /// If the row is of another form.
    #[must_use]
    pub fn states(&self) -> (Vec<(String, i64)>, Option<f64>) {
        let (states, initial) = self
            .values
            .split_once("; initially ")
            .expect("an initial state");
        let states = states.split(", ").map(|state| {
            let (number, name) = state.split_once(' ').expect("a number and a name");
            (name.to_owned(), number.parse().expect("a number"))
        });
        (states.collect(), initial.parse().ok())
    }
}

/// A metric as the standard's own text names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// The metric.
    pub metric: String,
    /// Its kind and the names of its labels, where the text says them.
    pub kind: Option<(String, Vec<String>)>,
}

/// The metrics of the standard's own table, of which `tests/standard/table.md` is a copy.
///
/// # Panics
///
/// If there is no such file.
#[must_use]
pub fn original() -> Vec<Named> {
    let page = crate::package().join("standard/table.md");
    let page = fs::read_to_string(page).expect("the copy is there");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("|---"))
        .skip(1);
    let cells = rows.filter_map(|row| row.trim_matches('|').split_once('|'));
    let items = cells.flat_map(|(_, metrics)| metrics.split('·').map(without_brackets));
    items.flat_map(|item| named(&item)).collect()
}

/// The text without what is in round brackets.
fn without_brackets(text: &str) -> String {
    let mut depth = 0;
    text.chars()
        .filter(|character| {
            depth += i32::from(*character == '(');
            let is_outside = depth == 0;
            depth -= i32::from(*character == ')');
            is_outside
        })
        .collect()
}

/// One or more names, a kind and labels: `` `disk_free_bytes`, `disk_total_bytes` gauge{mountpoint} ``.
fn named(item: &str) -> Vec<Named> {
    let kinds = ["counter", "gauge", "histogram", "ratio", "state"];
    // A name is quoted and stands before the kind; what is quoted behind it is none.
    let kind = kinds
        .iter()
        .find_map(|kind| Some((item.find(&format!("` {kind}"))? + 1, *kind)));
    let (names, rest) = item.split_at(kind.map_or(item.len(), |(at, _)| at));
    let kind = kind.map(|(_, kind)| {
        let braces = rest.trim_start().strip_prefix(kind).and_then(|rest| {
            let inner = rest.strip_prefix('{')?;
            inner.split('}').next()
        });
        (kind.to_owned(), label_names(braces.unwrap_or_default()))
    });
    let names = names.split('`').skip(1).step_by(2);
    names
        .map(|metric| Named {
            metric: metric.to_owned(),
            kind: kind.clone(),
        })
        .collect()
}

/// `cache,result = hit, miss`: behind the equals sign stand values of the last label.
fn label_names(braces: &str) -> Vec<String> {
    let names = braces.split('=').next().unwrap_or_default();
    let names = names.split(',').map(str::trim);
    names
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

/// The rows of `docs/standard-metrics.md`.
///
/// # Panics
///
/// If there is no such table.
#[must_use]
pub fn table() -> Vec<Row> {
    let page = crate::workspace().join("docs/standard-metrics.md");
    let page = fs::read_to_string(page).expect("the page is there");
    let mut set = String::new();
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| set | metric |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [first, metric, kind, labels, values] = cells[..] else {
            panic!("a row has five cells: {line}");
        };
        if !first.is_empty() {
            set = first.replace('`', "");
        }
        Row {
            set: set.clone(),
            metric: metric.replace('`', ""),
            kind: kind.to_owned(),
            labels: labels_of(labels),
            values: values.replace('`', ""),
        }
    })
    .collect()
}

/// `` `cache`, `result` = hit, miss ``: a label is quoted, a value is not.
fn labels_of(cell: &str) -> Vec<(String, Vec<String>)> {
    let mut labels: Vec<(String, Vec<String>)> = Vec::new();
    for part in cell
        .split([',', '='])
        .map(str::trim)
        .filter(|part| !part.is_empty())
    {
        match (part.strip_prefix('`'), labels.last_mut()) {
            (Some(label), _) => labels.push((label.replace('`', ""), Vec::new())),
            (None, Some((_, values))) => values.push(part.to_owned()),
            (None, None) => panic!("a value without a label: {cell}"),
        }
    }
    labels
}
