//! The dashboard of one metric set.

use super::alerts::{Alerts, Quantity};
use super::panel::{Panel, Type};
use super::units::{grafana_unit, rate_unit};
use super::{CHOSEN, Dashboard, Row, cardinality, is_moment, slug, title};
use crate::artifacts::catalogue::{Metric, Set};

/// The quantiles that are drawn of a histogram.
pub(super) const QUANTILES: [(f64, &str); 3] = [(0.5, "half"), (0.95, "95 %"), (0.99, "99 %")];
/// Label values that say that something went wrong.
const ERRORS: [&str; 4] = ["error", "panicked", "failed", "failure"];

pub(super) fn dashboard(set: &Set, alerts: &Alerts) -> Dashboard {
    let mut rows = Vec::new();
    for (heading, kinds) in [
        ("Rates", &["counter"][..]),
        ("Durations and sizes", &["histogram"]),
        ("Ratios and states", &["ratio", "state"]),
        ("Values", &["gauge"]),
        ("Facts", &["info"]),
    ] {
        let metrics = set
            .metrics
            .iter()
            .filter(|metric| kinds.contains(&metric.kind.as_str()));
        rows.push(Row {
            title: heading.to_owned(),
            panels: metrics.flat_map(|metric| panels(metric, alerts)).collect(),
        });
    }
    rows.push(Row {
        title: "Cardinality".to_owned(),
        panels: cardinality::of_set(set),
    });
    Dashboard {
        slug: slug(&set.name),
        title: title(&slug(&set.name).replace('-', "_")),
        description: set.help.clone(),
        rows,
    }
}

fn panels(metric: &Metric, alerts: &Alerts) -> Vec<Panel> {
    match metric.kind.as_str() {
        "counter" => counter(metric, alerts),
        "histogram" => histogram(metric, alerts),
        "ratio" => vec![ratio(metric, alerts)],
        "state" => vec![state(metric, alerts)],
        "info" => vec![info(metric)],
        _ => vec![gauge(metric, alerts)],
    }
}

/// The labels that series are told apart by: not those of a wide label, which would be a series for each status code.
fn groups(metric: &Metric) -> Vec<&str> {
    let labels = metric.labels.iter().filter(|label| !label.sparse);
    core::iter::once("service")
        .chain(labels.map(|label| label.name.as_str()))
        .collect()
}

/// What a series is called by its labels.
fn legend(labels: &[&str]) -> String {
    let values: Vec<String> = labels
        .iter()
        .map(|label| format!("{{{{{label}}}}}"))
        .collect();
    values.join(" ")
}

fn counter(metric: &Metric, alerts: &Alerts) -> Vec<Panel> {
    let name = &metric.name;
    let groups = groups(metric);
    let by = groups.join(", ");
    let series = metric.series_names();
    let rate = Panel::new(Type::TimeSeries, title(name), &metric.help)
        .unit(rate_unit(&metric.unit, name))
        .from(0.0)
        .query(
            format!("sum by ({by}) (rate({name}{{{CHOSEN}}}[$__rate_interval]))"),
            legend(&groups),
        )
        .alerts(alerts.of(&series, Quantity::Rate));
    let mut panels = vec![rate];
    if let Some(errors) = errors(metric) {
        panels.push(error_share(metric, &errors, alerts));
    }
    panels
}

/// The selector of what went wrong, if a label tells.
pub(super) fn errors(metric: &Metric) -> Option<String> {
    metric.labels.iter().find_map(|label| {
        if label.values.iter().any(|value| value == "500") {
            return Some(format!("{}=~\"5..\"", label.name));
        }
        let bad = label
            .values
            .iter()
            .filter(|value| ERRORS.contains(&value.as_str()));
        let bad: Vec<&str> = bad.map(String::as_str).collect();
        (!bad.is_empty() && bad.len() < label.values.len())
            .then(|| format!("{}=~\"{}\"", label.name, bad.join("|")))
    })
}

pub(super) fn error_share(metric: &Metric, errors: &str, alerts: &Alerts) -> Panel {
    let name = &metric.name;
    let all = format!("sum by (service) (rate({name}{{{CHOSEN}}}[$__rate_interval]))");
    let bad = format!("sum by (service) (rate({name}{{{errors},{CHOSEN}}}[$__rate_interval]))");
    Panel::new(
        Type::TimeSeries,
        format!("{}, share with errors", title(name)),
        &metric.help,
    )
    .unit("percentunit")
    .from(0.0)
    .to(1.0)
    // Without an error there is no series with one, and the share is 0.
    .query(format!("({bad} or {all} * 0) / {all}"), "{{service}}")
    .alerts(alerts.of(&metric.series_names(), Quantity::Share))
}

pub(super) fn histogram(metric: &Metric, alerts: &Alerts) -> Vec<Panel> {
    let name = &metric.name;
    let unit = grafana_unit(&metric.unit);
    let buckets = format!("rate({name}_bucket{{{CHOSEN}}}[$__rate_interval])");
    let heatmap = Panel::new(Type::Heatmap, title(name), &metric.help)
        .unit(unit)
        .query(format!("sum by (le) ({buckets})"), "{{le}}");
    let quantiles = Panel::new(
        Type::TimeSeries,
        format!("{}, quantiles", title(name)),
        &metric.help,
    )
    .unit(unit)
    .from(0.0)
    .alerts(alerts.of(&metric.series_names(), Quantity::Quantile));
    let quantiles = QUANTILES
        .iter()
        .fold(quantiles, |panel, (quantile, legend)| {
            let query = format!("histogram_quantile({quantile}, sum by (service, le) ({buckets}))");
            panel.query(query, format!("{{{{service}}}} {legend}"))
        });
    vec![heatmap, quantiles]
}

fn ratio(metric: &Metric, alerts: &Alerts) -> Panel {
    let groups = groups(metric);
    Panel::new(Type::TimeSeries, title(&metric.name), &metric.help)
        .unit("percentunit")
        .from(0.0)
        .to(1.0)
        .query(
            format!(
                "avg by ({}) ({}{{{CHOSEN}}})",
                groups.join(", "),
                metric.name
            ),
            legend(&groups),
        )
        .alerts(alerts.of(&metric.series_names(), Quantity::Value))
}

fn state(metric: &Metric, alerts: &Alerts) -> Panel {
    let mut groups = groups(metric);
    groups.push("instance");
    let query = format!(
        "max by ({}) ({}{{{CHOSEN}}})",
        groups.join(", "),
        metric.name
    );
    let mut panel = Panel::new(Type::StateTimeline, title(&metric.name), &metric.help)
        .query(query, legend(&groups))
        .alerts(alerts.of(&metric.series_names(), Quantity::Value));
    panel.states.clone_from(&metric.states);
    // The names of the states say which is bad; a line at a number does not.
    panel.steps.clear();
    panel
}

fn info(metric: &Metric) -> Panel {
    let labels = metric.constant_labels.keys().map(String::as_str);
    let labels: Vec<&str> = ["service", "instance"].into_iter().chain(labels).collect();
    Panel::new(Type::Table, title(&metric.name), &metric.help).query(
        format!(
            "max by ({}) ({}{{{CHOSEN}}})",
            labels.join(", "),
            metric.name
        ),
        "",
    )
}

fn gauge(metric: &Metric, alerts: &Alerts) -> Panel {
    let name = &metric.name;
    let mut groups = groups(metric);
    if is_moment(name) {
        groups.push("instance");
        return Panel::new(Type::Stat, title(name), &metric.help)
            .unit("dateTimeFromNow")
            // Grafana's moments are in milliseconds.
            .query(
                format!("max by ({}) ({name}{{{CHOSEN}}}) * 1000", groups.join(", ")),
                legend(&groups),
            );
    }
    groups.push("instance");
    Panel::new(Type::TimeSeries, title(name), &metric.help)
        .unit(grafana_unit(&metric.unit))
        .query(
            format!("sum by ({}) ({name}{{{CHOSEN}}})", groups.join(", ")),
            legend(&groups),
        )
        .alerts(alerts.of(&metric.series_names(), Quantity::Value))
}
