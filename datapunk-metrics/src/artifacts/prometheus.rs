//! The configuration of Prometheus: what it scrapes, with which guards, and where it sends what it keeps for long.

mod masks;
mod retention;

use std::borrow::Cow;
use std::collections::BTreeMap;

use datapunk_metrics_conventions::names_of_secrets_and_persons;
use serde::Serialize;

use super::bundle::File;
use super::catalogue::Catalogue;
use super::deployment::{Access, Deployment, Job};
use super::http_client::{HttpClient, scheme};
use retention::RemoteWrite;

/// What the toolkit counts about itself, at most: lines for each metric, and others.
const OWN_LINES: usize = 12;
const OTHER_LINES: usize = 200;
/// The labels of a target, and the bound of a bucket.
const OTHER_LABELS: usize = 6;
/// The longest label name and value that a toolkit's endpoint has, and some more.
const LABEL_NAME: usize = 200;
const LABEL_VALUE: usize = 1024;

#[derive(Serialize)]
struct Config {
    global: Global,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    rule_files: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    alerting: Option<Alerting>,
    scrape_configs: Vec<ScrapeConfig>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    remote_write: Vec<RemoteWrite>,
}

#[derive(Serialize)]
struct Global {
    scrape_interval: String,
    evaluation_interval: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    external_labels: BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Alerting {
    alert_relabel_configs: Vec<Relabel>,
    alertmanagers: Vec<Alertmanagers>,
}

#[derive(Serialize)]
struct Alertmanagers {
    scheme: &'static str,
    #[serde(flatten)]
    http: HttpClient,
    static_configs: Vec<Targets>,
}

#[derive(Serialize)]
struct ScrapeConfig {
    job_name: String,
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    honor_labels: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    metrics_path: Option<&'static str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    params: BTreeMap<&'static str, Vec<&'static str>>,
    scheme: &'static str,
    #[serde(flatten)]
    http: HttpClient,
    #[serde(flatten)]
    limits: Option<Limits>,
    static_configs: Vec<Targets>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    metric_relabel_configs: Vec<Relabel>,
}

#[derive(Serialize)]
#[expect(clippy::struct_field_names, reason = "they are Prometheus' names")]
struct Limits {
    sample_limit: usize,
    label_limit: usize,
    label_name_length_limit: usize,
    label_value_length_limit: usize,
}

#[derive(Serialize)]
struct Targets {
    targets: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<&'static str, String>,
}

/// A step of relabelling.
#[derive(Clone, Default, Serialize)]
struct Relabel {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    source_labels: Vec<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    regex: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    target_label: Option<Cow<'static, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    action: Option<&'static str>,
}

/// The files of Prometheus.
pub(super) fn files(
    catalogues: &[Catalogue],
    deployment: &Deployment,
) -> Result<Vec<File>, String> {
    let comment =
        "Written by `datapunk-metrics prometheus`; change the metrics or the deployment instead.";
    let config = config(catalogues, deployment)?;
    let mut files = vec![File::new("prometheus.yml", super::yaml(comment, &config))];
    if let Some(stores) = &deployment.retention {
        files.extend(retention::files(stores));
    }
    Ok(files)
}

fn config(catalogues: &[Catalogue], deployment: &Deployment) -> Result<Config, String> {
    let relabels = |all: &[&Catalogue]| match deployment.retention {
        Some(_) => retention::class_labels(all),
        None => Vec::new(),
    };
    let masks = masks::of_others(catalogues, deployment)?;
    let others = |name, job| ScrapeConfig {
        metric_relabel_configs: masks.clone(),
        ..other_job(name, job)
    };
    let mut jobs = Vec::new();
    for (catalogue, service) in deployment.services_of(catalogues)? {
        let access = service.endpoint.as_ref().unwrap_or(&deployment.endpoint);
        jobs.push(ScrapeConfig {
            limits: Some(limits(catalogue)),
            metric_relabel_configs: relabels(&[catalogue]),
            ..job(&catalogue.service, &service.targets, access)
        });
    }
    if let Some(pushed) = &deployment.pushgateway {
        // Who pushes says who it is; the gateway's own labels would hide that.
        let all: Vec<&Catalogue> = catalogues.iter().collect();
        jobs.push(ScrapeConfig {
            honor_labels: true,
            metric_relabel_configs: [masks.clone(), relabels(&all)].concat(),
            ..other_job("pushgateway", pushed)
        });
    }
    if let Some(node) = &deployment.node {
        jobs.push(others("node", node));
    }
    if let Some(rabbitmq) = &deployment.rabbitmq {
        jobs.push(others("rabbitmq", rabbitmq));
        // The plain endpoint adds all queues up.
        jobs.push(ScrapeConfig {
            job_name: "rabbitmq_queues".to_owned(),
            metrics_path: Some("/metrics/detailed"),
            params: BTreeMap::from([("family", vec!["queue_coarse_metrics"])]),
            ..others("rabbitmq", rabbitmq)
        });
    }
    if let Some(prometheus) = &deployment.prometheus {
        jobs.push(others("prometheus", prometheus));
    }
    Ok(Config {
        global: Global {
            scrape_interval: deployment.scrape_interval.clone(),
            evaluation_interval: deployment.evaluation_interval.clone(),
            external_labels: deployment.external_labels.clone(),
        },
        rule_files: if super::rules::are_there(catalogues, deployment) {
            vec!["rules/*.yml".to_owned()]
        } else {
            Vec::new()
        },
        alerting: deployment
            .alertmanagers
            .as_ref()
            .map(|alertmanagers| alerting(alertmanagers, &masks)),
        scrape_configs: jobs,
        remote_write: deployment
            .retention
            .as_ref()
            .map(retention::remote_writes)
            .unwrap_or_default(),
    })
}

fn job(service: &str, targets: &[String], access: &Access) -> ScrapeConfig {
    ScrapeConfig {
        job_name: service.to_owned(),
        honor_labels: false,
        metrics_path: None,
        params: BTreeMap::new(),
        scheme: scheme(access),
        http: HttpClient::of(access),
        limits: None,
        static_configs: vec![Targets {
            targets: targets.to_vec(),
            // Who a series is of belongs to the target; the application does not say it.
            labels: BTreeMap::from([("service", service.to_owned())]),
        }],
        metric_relabel_configs: Vec::new(),
    }
}

fn other_job(name: &str, other: &Job) -> ScrapeConfig {
    job(name, &other.targets, &other.endpoint)
}

/// What a target of the service can expose at most, so that one that went wrong is refused as a whole.
pub(super) fn sample_limit(catalogue: &Catalogue) -> usize {
    let mut samples = OTHER_LINES;
    for metric in catalogue.metrics() {
        // One more is the overflow series.
        let lines = if metric.is_open() {
            metric.max_series + 1
        } else {
            metric.series.min(metric.max_series)
        };
        let names = 1 + usize::from(metric.renamed_from.is_some());
        samples += lines * names + OWN_LINES;
    }
    samples
}

fn limits(catalogue: &Catalogue) -> Limits {
    let labels = catalogue
        .metrics()
        .map(|metric| metric.labels.len() + metric.constant_labels.len());
    let labels = labels.max().unwrap_or(0);
    Limits {
        sample_limit: sample_limit(catalogue),
        label_limit: labels + OTHER_LABELS,
        label_name_length_limit: LABEL_NAME,
        label_value_length_limit: LABEL_VALUE,
    }
}

fn alerting(alertmanagers: &Job, masks: &[Relabel]) -> Alerting {
    let words = names_of_secrets_and_persons().collect::<Vec<_>>().join("|");
    let drop = |regex: String| Relabel {
        regex: Some(regex),
        action: Some("labeldrop"),
        ..Relabel::default()
    };
    Alerting {
        // A webhook is sent all labels, whatever the templates show. Metrics of other origin may have such ones.
        alert_relabel_configs: [
            &[
                drop(format!(
                    "(.*_)?({words})s?(_(address|hash|id|name|number|value))?"
                )),
                drop(retention::LABEL.to_owned()),
            ],
            masks,
        ]
        .concat(),
        alertmanagers: vec![Alertmanagers {
            scheme: scheme(&alertmanagers.endpoint),
            http: HttpClient::of(&alertmanagers.endpoint),
            static_configs: vec![Targets {
                targets: alertmanagers.targets.clone(),
                labels: BTreeMap::new(),
            }],
        }],
    }
}
