//! Grafana's dashboards: one for each metric set, and an overview of the services.

mod alerts;
mod cardinality;
mod grid;
mod overview;
mod panel;
mod set;
mod units;

use std::collections::BTreeMap;

use datapunk_metrics_conventions::last_word;
use serde::Serialize;
use serde_json::{Value, json};

use super::bundle::File;
use super::catalogue::{Catalogue, Set};
use super::deployment::Deployment;
use alerts::Alerts;
use panel::Panel;

/// The version of the form of dashboards in Grafana's published schema.
const SCHEMA: u32 = 42;
/// What panels select: the service and its instances that are chosen above.
const CHOSEN: &str = r#"service=~"$service",instance=~"$instance""#;

/// The dashboards and the files that make Grafana load them. `rules` are the rule files of the bundle, whose alerts give
/// thresholds and links to runbooks.
pub(super) fn files(
    catalogues: &[Catalogue],
    deployment: &Deployment,
    rules: &[File],
) -> Result<Vec<File>, String> {
    let alerts = Alerts::read(rules)?;
    let mut files = vec![dashboard_file(&overview::dashboard(catalogues, &alerts))];
    // A set that several services have is one dashboard, with the services to choose from.
    let sets: BTreeMap<(&str, &str), &Set> = catalogues
        .iter()
        .flat_map(|catalogue| &catalogue.sets)
        .map(|set| ((set.name.as_str(), set.declared.module.as_str()), set))
        .collect();
    for ((name, module), set) in &sets {
        let mut dashboard = set::dashboard(set, &alerts);
        if sets.keys().filter(|(other, _)| other == name).count() > 1 {
            dashboard.title = format!("{} ({module})", dashboard.title);
            dashboard.slug = slug(&format!("{module}::{name}"));
        }
        files.push(dashboard_file(&dashboard));
    }
    let comment = "Written by `datapunk-metrics dashboards`.";
    let provisioning = [
        (
            "datasources/prometheus.yml",
            super::yaml(comment, &data_sources(deployment)),
        ),
        (
            "dashboards/datapunk.yml",
            super::yaml(comment, &providers(deployment)),
        ),
    ];
    files.extend(provisioning.map(|(path, text)| File::new(format!("provisioning/{path}"), text)));
    Ok(files)
}

/// A dashboard before it is laid out.
struct Dashboard {
    /// The end of its file's name and of its identifier.
    slug: String,
    title: String,
    description: String,
    rows: Vec<Row>,
}

/// Panels under a heading.
struct Row {
    title: String,
    panels: Vec<Panel>,
}

fn dashboard_file(dashboard: &Dashboard) -> File {
    let slug = &dashboard.slug;
    let value = json!({
        "uid": format!("datapunk-{slug}"),
        "title": dashboard.title,
        "description": dashboard.description,
        "tags": ["datapunk-metrics"],
        "schemaVersion": SCHEMA,
        "editable": true,
        "graphTooltip": 1,
        "refresh": "30s",
        "time": {"from": "now-1h", "to": "now"},
        "timezone": "browser",
        "links": [{
            "asDropdown": true, "icon": "external link", "includeVars": true, "keepTime": true,
            "tags": ["datapunk-metrics"], "targetBlank": false, "title": "Metrics", "tooltip": "",
            "type": "dashboards", "url": "",
        }],
        "templating": {"list": variables()},
        "annotations": {"list": []},
        "panels": grid::lay_out(&dashboard.rows),
    });
    File::new(format!("dashboards/{slug}.json"), super::json(&value))
}

/// The variables that every dashboard has above its panels.
fn variables() -> Value {
    let source = json!({"type": "prometheus", "uid": "${datasource}"});
    let labels = |name: &str, title: &str, query: &str| {
        json!({
            "name": name, "label": title, "type": "query", "datasource": source,
            "query": {"query": query, "refId": name},
            "refresh": 2, "sort": 1, "multi": true, "includeAll": true, "allValue": ".*",
            "current": {"text": "All", "value": "$__all"}, "hide": 0,
        })
    };
    json!([
        {
            "name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus",
            "refresh": 1, "hide": 0,
        },
        labels("service", "Service", "label_values(up, service)"),
        labels("instance", "Instance", "label_values(up{service=~\"$service\"}, instance)"),
    ])
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DataSources {
    api_version: u32,
    datasources: Vec<DataSource>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DataSource {
    name: &'static str,
    r#type: &'static str,
    access: &'static str,
    url: String,
    is_default: bool,
    json_data: BTreeMap<&'static str, String>,
}

fn data_sources(deployment: &Deployment) -> DataSources {
    DataSources {
        api_version: 1,
        datasources: vec![DataSource {
            name: "Prometheus",
            r#type: "prometheus",
            access: "proxy",
            url: deployment.grafana.prometheus_url.clone(),
            is_default: true,
            // `$__rate_interval` is four times that at least.
            json_data: BTreeMap::from([("timeInterval", deployment.scrape_interval.clone())]),
        }],
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Providers {
    api_version: u32,
    providers: Vec<Provider>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Provider {
    name: &'static str,
    folder: &'static str,
    r#type: &'static str,
    options: BTreeMap<&'static str, String>,
}

fn providers(deployment: &Deployment) -> Providers {
    Providers {
        api_version: 1,
        providers: vec![Provider {
            name: "datapunk-metrics",
            folder: "Metrics",
            r#type: "file",
            options: BTreeMap::from([("path", deployment.grafana.dashboards_path.clone())]),
        }],
    }
}

/// A name as a title, without what the axis says: `lake_stored_bytes` is "Lake stored".
fn title(name: &str) -> String {
    let endings = ["_total", "_current", "_seconds", "_bytes"];
    let words = endings.iter().fold(name, |words, ending| {
        words.strip_suffix(ending).unwrap_or(words)
    });
    let words: Vec<String> = words.split('_').map(spelled).collect();
    let words = words.join(" ");
    let mut letters = words.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

/// A word as people write it.
fn spelled(word: &str) -> String {
    const CAPITALS: [&str; 10] = [
        "api", "cpu", "dns", "etl", "http", "io", "rpc", "sql", "tcp", "tls",
    ];
    if CAPITALS.contains(&word) {
        word.to_uppercase()
    } else {
        word.to_owned()
    }
}

/// A type's name as the end of an identifier: `LakeMetrics` is `lake-metrics`.
fn slug(name: &str) -> String {
    let mut slug = String::new();
    for letter in name.chars() {
        if letter.is_ascii_alphanumeric() {
            if letter.is_uppercase() && !slug.is_empty() && !slug.ends_with('-') {
                slug.push('-');
            }
            slug.extend(letter.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Whether a gauge's value is a moment: seconds since 1970.
fn is_moment(name: &str) -> bool {
    last_word(name) == "seconds"
        && (name.ends_with("_timestamp_seconds") || name.ends_with("_start_time_seconds"))
}
