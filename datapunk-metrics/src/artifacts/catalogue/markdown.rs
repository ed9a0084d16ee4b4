//! A catalogue for people: Markdown, without the line numbers that change by themselves.

use core::fmt::Write;

use super::{Catalogue, Label, Metric, Set};

/// How many values of a label are listed.
const LISTED: usize = 8;

/// The catalogues as one page.
#[must_use]
pub fn markdown(catalogues: &[Catalogue]) -> String {
    let mut out = String::from("# Metrics\n");
    for catalogue in catalogues {
        let _ = write!(out, "\n## {}\n", catalogue.service);
        for set in &catalogue.sets {
            push_set(&mut out, set);
        }
    }
    out
}

fn push_set(out: &mut String, set: &Set) {
    let _ = write!(out, "\n### {}\n\n", set.name);
    if !set.help.is_empty() {
        let _ = write!(out, "{} ", set.help);
    }
    let _ = writeln!(out, "Declared in `{}`.", set.declared.module);
    let _ = write!(
        out,
        "\n| metric | kind | unit | labels | series | at most | kept |\n|---|---|---|---|---|---|---|\n"
    );
    for metric in &set.metrics {
        let _ = writeln!(
            out,
            "| `{}` | {} | {} | {} | {} | {} | {} |",
            metric.name,
            metric.kind,
            metric.unit,
            labels(metric),
            metric.series,
            metric.max_series,
            metric.retention,
        );
    }
    out.push('\n');
    for metric in &set.metrics {
        push_metric(out, metric);
    }
}

fn labels(metric: &Metric) -> String {
    let constant = metric
        .constant_labels
        .keys()
        .map(|name| format!("`{name}`"));
    let labels = metric
        .labels
        .iter()
        .map(|label| format!("`{}`", label.name));
    constant.chain(labels).collect::<Vec<_>>().join(" ")
}

fn push_metric(out: &mut String, metric: &Metric) {
    let _ = writeln!(out, "- `{}`: {}", metric.name, cell(&metric.help));
    for label in &metric.labels {
        let _ = writeln!(out, "  - `{}`: {}", label.name, values(label));
    }
    // The values are a build's, such as its version; the page does not change with each.
    for name in metric.constant_labels.keys() {
        let _ = writeln!(out, "  - `{name}`: one value, which the build decides");
    }
    if !metric.buckets.is_empty() {
        let bounds: Vec<String> = metric.buckets.iter().map(f64::to_string).collect();
        let _ = writeln!(out, "  - buckets: {}", bounds.join(" "));
    }
    if !metric.states.is_empty() {
        let states: Vec<String> = metric
            .states
            .iter()
            .map(|state| format!("{} `{}`", state.value, state.name))
            .collect();
        let _ = writeln!(out, "  - states: {}", states.join(", "));
    }
    if let Some(objective) = &metric.objective {
        let _ = writeln!(out, "  - objective: {}", objective.text());
    }
    if let Some(former) = &metric.renamed_from {
        let _ = writeln!(
            out,
            "  - formerly `{}`, which is exposed as well until version {}",
            former.name, former.until
        );
    }
    if let Some(end) = &metric.deprecated {
        let _ = writeln!(
            out,
            "  - deprecated, gone from version {} on: {}",
            end.until,
            cell(&end.reason)
        );
    }
    let of_labels = metric.labels.iter().flat_map(|label| &label.waivers);
    for waiver in metric.waivers.iter().chain(of_labels) {
        let _ = writeln!(
            out,
            "  - excused from rule `{}`: {}",
            waiver.rule,
            cell(&waiver.reason)
        );
    }
}

fn values(label: &Label) -> String {
    let mut listed: Vec<String> = label
        .values
        .iter()
        .take(LISTED)
        .map(|value| format!("`{value}`"))
        .collect();
    if label.values.len() > LISTED {
        listed.push(format!("and {} more", label.values.len() - LISTED));
    }
    let Some(open) = &label.open else {
        return listed.join(", ");
    };
    let most = open
        .limit
        .map_or(String::new(), |limit| format!(", {limit} of them at most"));
    if listed.is_empty() {
        format!("any value{most}")
    } else {
        format!("any value{most}; known are {}", listed.join(", "))
    }
}

/// A text on one line.
fn cell(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
