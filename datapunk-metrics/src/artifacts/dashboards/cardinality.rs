//! How many series there are, how much of a budget that is, and what found no room.
//!
//! Metrics with open labels say it themselves, at the cost of one series each. Those of the others are counted by
//! Prometheus; the build has held them to their budgets already.

use super::CHOSEN;
use super::panel::{Panel, Type};
use crate::artifacts::catalogue::{Catalogue, Metric, Set};
use crate::artifacts::prometheus::sample_limit;

/// From which share of a bound on it is time to look.
const STEPS: &[(Option<f64>, &str)] = &[(None, "green"), (Some(0.8), "orange"), (Some(1.0), "red")];

/// The panels of one set.
pub(super) fn of_set(set: &Set) -> Vec<Panel> {
    let (open, closed): (Vec<&Metric>, Vec<&Metric>) =
        set.metrics.iter().partition(|metric| metric.is_open());
    let mut panels = vec![series(&open, &closed)];
    if !open.is_empty() {
        panels.push(budgets(&open));
        panels.push(without_room(&open));
    }
    panels
}

/// The panels of all services.
pub(super) fn of_services(catalogues: &[Catalogue]) -> Vec<Panel> {
    let mut panels = vec![samples(), limits(catalogues)];
    let mut metrics = catalogues.iter().flat_map(Catalogue::metrics);
    if metrics.any(Metric::is_open) {
        panels.push(fullest());
        panels.push(folded());
    }
    panels
}

/// Series as they are stored, a histogram's lines under one name.
fn series(open: &[&Metric], closed: &[&Metric]) -> Panel {
    let mut panel = Panel::new(
        Type::TimeSeries,
        "Series by metric",
        "How many series the chosen instances have of each metric, each line of a histogram counted.",
    )
    .whole()
    .from(0.0);
    if !open.is_empty() {
        let selector = selector("datapunk_metrics_series_current", open);
        panel = panel.query(format!("sum by (metric) ({selector})"), "{{metric}}");
    }
    if !closed.is_empty() {
        let names: Vec<String> = closed
            .iter()
            .flat_map(|metric| metric.series_names())
            .collect();
        let counted = format!(
            "count by (__name__) ({{__name__=~\"{}\",{CHOSEN}}})",
            names.join("|")
        );
        let by_metric = format!(
            "label_replace({counted}, \"metric\", \"$1\", \"__name__\", \"(.+?)(_bucket|_sum|_count)?\")"
        );
        panel = panel.query(format!("sum by (metric) ({by_metric})"), "{{metric}}");
    }
    panel
}

fn budgets(open: &[&Metric]) -> Panel {
    let now = selector("datapunk_metrics_series_current", open);
    let most = selector("datapunk_metrics_series_limit_current", open);
    Panel::new(
        Type::BarGauge,
        "Share of the budget",
        "The most series that an instance has of a metric, as a share of its `max_series`. Beyond it, samples are counted \
         as `other`. A metric that is not shown has no open label, and the build holds it to its budget.",
    )
    .unit("percentunit")
    .from(0.0)
    .to(1.0)
    .steps(STEPS)
    .query(format!("max by (metric) ({now} / {most})"), "{{metric}}")
}

fn without_room(open: &[&Metric]) -> Panel {
    let (added, set): (Vec<&Metric>, Vec<&Metric>) = open
        .iter()
        .partition(|metric| matches!(metric.kind.as_str(), "counter" | "histogram"));
    let panel = Panel::new(
        Type::TimeSeries,
        "What did not fit",
        "Samples that were folded into `other` or refused, because there was no room for another series, and label values \
         that were cut or masked.",
    )
    .unit("cps")
    .from(0.0);
    let counts = [
        ("datapunk_metrics_folded_samples_total", &added, "folded"),
        ("datapunk_metrics_refused_samples_total", &set, "refused"),
        ("datapunk_metrics_cut_values_total", &open.to_vec(), "cut"),
        (
            "datapunk_metrics_masked_values_total",
            &open.to_vec(),
            "masked",
        ),
    ];
    let counts = counts
        .into_iter()
        .filter(|(_, metrics, _)| !metrics.is_empty());
    counts.fold(panel, |panel, (name, metrics, what)| {
        let selector = selector(name, metrics);
        panel.query(
            format!("sum by (metric) (rate({selector}[$__rate_interval]))"),
            format!("{{{{metric}}}} {what}"),
        )
    })
}

/// What the toolkit says of these metrics.
fn selector(name: &str, metrics: &[&Metric]) -> String {
    let metrics: Vec<&str> = metrics.iter().map(|metric| metric.name.as_str()).collect();
    format!("{name}{{metric=~\"{}\",{CHOSEN}}}", metrics.join("|"))
}

fn samples() -> Panel {
    Panel::new(
        Type::TimeSeries,
        "Samples in a scrape",
        "How many samples an instance exposes. Above its limit a scrape is refused as a whole.",
    )
    .whole()
    .from(0.0)
    .query(
        format!("scrape_samples_post_metric_relabeling{{{CHOSEN}}}"),
        "{{service}} {{instance}}",
    )
}

/// The samples of a scrape as a share of what the configuration of Prometheus lets pass.
fn limits(catalogues: &[Catalogue]) -> Panel {
    let panel = Panel::new(
        Type::BarGauge,
        "Share of the limit",
        "The most samples that an instance exposes, as a share of the `sample_limit` of its job.",
    )
    .unit("percentunit")
    .from(0.0)
    .to(1.0)
    .steps(STEPS);
    catalogues.iter().fold(panel, |panel, catalogue| {
        let service = &catalogue.service;
        let limit = sample_limit(catalogue);
        panel.query(
            format!("max(scrape_samples_post_metric_relabeling{{service=\"{service}\",{CHOSEN}}}) / {limit}"),
            service.as_str(),
        )
    })
}

fn fullest() -> Panel {
    let now = format!("datapunk_metrics_series_current{{{CHOSEN}}}");
    let most = format!("datapunk_metrics_series_limit_current{{{CHOSEN}}}");
    Panel::new(
        Type::BarGauge,
        "Fullest budgets",
        "The ten metrics of which an instance has most of the series that it may have.",
    )
    .unit("percentunit")
    .from(0.0)
    .to(1.0)
    .steps(STEPS)
    .query(
        format!("topk(10, max by (service, metric) ({now} / {most}))"),
        "{{service}} {{metric}}",
    )
}

fn folded() -> Panel {
    Panel::new(
        Type::TimeSeries,
        "Samples without room",
        "Samples that were counted with the label value `other`, because there was no room for another series.",
    )
    .unit("cps")
    .from(0.0)
    .query(
        format!(
            "sum by (service, metric) (rate(datapunk_metrics_folded_samples_total{{{CHOSEN}}}[$__rate_interval]))"
        ),
        "{{service}} {{metric}}",
    )
}
