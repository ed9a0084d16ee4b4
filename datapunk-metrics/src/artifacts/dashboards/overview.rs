//! The overview of the services: who is up, how much is asked of them, how much fails, how long it takes.

use super::alerts::{Alerts, Quantity};
use super::panel::{Panel, Type};
use super::set::{error_share, errors, histogram};
use super::{CHOSEN, Dashboard, Row, cardinality};
use crate::artifacts::catalogue::{Catalogue, Metric};

pub(super) fn dashboard(catalogues: &[Catalogue], alerts: &Alerts) -> Dashboard {
    let find = |name: &str| {
        catalogues
            .iter()
            .find_map(|catalogue| catalogue.metric(name))
    };
    let mut http = Vec::new();
    if let Some(requests) = find("http_requests_total") {
        http.push(request_rate(requests, alerts));
        if let Some(errors) = errors(requests) {
            let mut panel = error_share(requests, &errors, alerts);
            "Error rate".clone_into(&mut panel.title);
            http.push(panel);
        }
    }
    if let Some(duration) = find("http_request_duration_seconds") {
        let titles = ["Response time", "Response time, quantiles"];
        http.extend(histogram(duration, alerts).into_iter().zip(titles).map(
            |(mut panel, title)| {
                title.clone_into(&mut panel.title);
                panel
            },
        ));
    }
    let mut process = Vec::new();
    if let (Some(seconds), Some(_)) = (find("process_cpu_seconds_total"), find("process_cpu_cores"))
    {
        let seconds_used = format!(
            "sum by (service, instance) (rate(process_cpu_seconds_total{{{CHOSEN}}}[$__rate_interval]))"
        );
        let cores = format!("max by (service, instance) (process_cpu_cores{{{CHOSEN}}})");
        process.push(
            Panel::new(
                Type::TimeSeries,
                "Processor, share of the cores",
                &seconds.help,
            )
            .unit("percentunit")
            .from(0.0)
            .to(1.0)
            .query(
                format!("{seconds_used} / {cores}"),
                "{{service}} {{instance}}",
            )
            .alerts(alerts.of(&seconds.series_names(), Quantity::Share)),
        );
    }
    if let Some(memory) = find("process_memory_bytes") {
        process.push(
            Panel::new(Type::TimeSeries, "Memory", &memory.help)
                .unit("bytes")
                .from(0.0)
                .query(
                    format!("process_memory_bytes{{type=\"resident\",{CHOSEN}}}"),
                    "{{service}} {{instance}}",
                )
                .alerts(alerts.of(&memory.series_names(), Quantity::Value)),
        );
    }
    let row = |title: &str, panels| Row {
        title: title.to_owned(),
        panels,
    };
    Dashboard {
        slug: "service-overview".to_owned(),
        title: "Service overview".to_owned(),
        description: "Who is up, how much is asked of them, how much fails, how long it takes."
            .to_owned(),
        rows: vec![
            row("Health", health(alerts)),
            row("Requests", http),
            row("Processes", process),
            row("Cardinality", cardinality::of_services(catalogues)),
        ],
    }
}

fn request_rate(requests: &Metric, alerts: &Alerts) -> Panel {
    Panel::new(Type::TimeSeries, "Request rate", &requests.help)
        .unit("reqps")
        .from(0.0)
        .query(
            format!("sum by (service) (rate(http_requests_total{{{CHOSEN}}}[$__rate_interval]))"),
            "{{service}}",
        )
        .alerts(alerts.of(&requests.series_names(), Quantity::Rate))
}

fn health(alerts: &Alerts) -> Vec<Panel> {
    let up = Panel::new(
        Type::Stat,
        "Instances up",
        "Share of a service's instances that Prometheus reaches.",
    )
    .unit("percentunit")
    .from(0.0)
    .to(1.0)
    .query(format!("avg by (service) (up{{{CHOSEN}}})"), "{{service}}")
    .alerts(alerts.of(&["up".to_owned()], Quantity::Value))
    .steps(&[(None, "red"), (Some(1.0), "green")]);
    let firing = Panel::new(
        Type::Stat,
        "Alerts that fire",
        "How many alerts fire for the services that are chosen.",
    )
    .whole()
    .from(0.0)
    .query(
        "count(ALERTS{alertstate=\"firing\",service=~\"$service\"}) or vector(0)",
        "alerts",
    )
    .steps(&[(None, "green"), (Some(1.0), "red")]);
    vec![up, firing]
}
