//! Alert and recording rules: those of the standard, as far as the services have what they read, those of objectives, and
//! a team's own.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use datapunk_metrics_rules::{
    FileFacts, Form, LabelWord, Node, Options, RuleDocument, RuleFacts, facts,
};
use serde::{Deserialize, Serialize};

use super::bundle::File;
use super::catalogue::{Catalogue, series_names};
use super::deployment::Deployment;
use crate::rules::ObjectiveRules;

/// The standard's rule files.
const STANDARD: [(&str, &str); 2] = [
    ("alerts.yml", include_str!("../../rules/alerts.yml")),
    ("recording.yml", include_str!("../../rules/recording.yml")),
];
/// The file with the rules of objectives.
const OBJECTIVES: &str = "objectives.yml";
/// What Prometheus itself makes of every target.
const OF_TARGETS: &str = "up";
/// What the names of the metrics of `RabbitMQ` begin with.
const RABBITMQ: &str = "rabbitmq_";

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Group {
    name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    interval: Option<String>,
    rules: Vec<Rule>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Rule {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    alert: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    record: Option<String>,
    expr: String,
    #[serde(default, rename = "for", skip_serializing_if = "Option::is_none")]
    hold: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    keep_firing_for: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    annotations: BTreeMap<String, String>,
}

/// The rule files of a bundle.
pub(super) fn files(
    catalogues: &[Catalogue],
    deployment: &Deployment,
) -> Result<Vec<File>, String> {
    let mut files = Vec::new();
    if deployment.standard_rules {
        files.extend(standard(catalogues, deployment.rabbitmq.is_some())?);
    }
    files.extend(objectives(catalogues, deployment)?);
    for file in &deployment.rules {
        let path = deployment.path_of(file);
        let shown = path.display();
        let text =
            fs::read_to_string(&path).map_err(|error| format!("can't read `{shown}`: {error}"))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if files.iter().any(|file: &File| file.path == name) {
            return Err(format!(
                "there are two rule files `{name}`; rename `{shown}`"
            ));
        }
        files.push(File::new(name, text));
    }
    Ok(files)
}

/// The labels that alerts can have, and their texts show: those that rules name in groupings, joins, matchers and
/// texts, and those of the metrics that they read.
pub(super) fn labels(catalogues: &[Catalogue], files: &[File]) -> Result<BTreeSet<String>, String> {
    let mut labels = BTreeSet::new();
    let mut read = BTreeSet::new();
    for file in files {
        let broken = |error: &str| format!("`{}` is no rule file: {error}", file.path);
        let document = RuleDocument::read(&file.text).map_err(|problem| broken(&problem.fact))?;
        for file in facts(&[(&*file.path, &document)], &Options::default()) {
            for rule in &file.rules {
                labels.extend(rule.shown.iter().map(|label| label.name.clone()));
                labels.extend(rule.nodes.iter().flat_map(labels_of));
                read.extend(names_of(rule).into_iter().map(str::to_owned));
            }
        }
    }
    for metric in catalogues.iter().flat_map(Catalogue::metrics) {
        let mut names = series_names(&metric.name, &metric.kind).into_iter();
        if names.any(|name| read.contains(&name)) {
            labels.extend(metric.labels.iter().map(|label| label.name.clone()));
        }
    }
    Ok(labels)
}

fn labels_of(node: &Node) -> Vec<String> {
    let names = |labels: &[LabelWord]| labels.iter().map(|label| label.name.clone()).collect();
    match &node.form {
        Form::Aggregate { labels, .. } | Form::Binary { labels, .. } => names(labels),
        Form::Selector { matchers, .. } => {
            let labels = matchers.iter().map(|matcher| matcher.label.name.clone());
            labels.collect()
        }
        Form::Relabel { reads, .. } => names(reads),
        _ => Vec::new(),
    }
}

/// Whether there are any rules.
pub(super) fn are_there(catalogues: &[Catalogue], deployment: &Deployment) -> bool {
    let mut metrics = catalogues.iter().flat_map(Catalogue::metrics);
    deployment.standard_rules
        || !deployment.rules.is_empty()
        || metrics.any(|metric| metric.objective.is_some())
}

/// The rules of the objectives that metrics declare; no file without any.
fn objectives(catalogues: &[Catalogue], deployment: &Deployment) -> Result<Option<File>, String> {
    let mut groups = String::new();
    for catalogue in catalogues {
        let mut rules = ObjectiveRules::new(&catalogue.service);
        let service = deployment.services.get(&catalogue.service);
        if let Some(team) = service.and_then(|service| service.team.as_deref()) {
            rules = rules.team(team);
        }
        groups.push_str(&rules.groups(&catalogue.descriptors()?));
    }
    let comment = "The rules of the objectives that metrics declare.";
    let file = || File::new(OBJECTIVES, format!("# {comment}\ngroups:\n{groups}"));
    Ok((!groups.is_empty()).then(file))
}

/// The standard's rules that read something that there is. The others would never fire, and record nothing.
fn standard(catalogues: &[Catalogue], has_rabbitmq: bool) -> Result<Vec<File>, String> {
    let mut known: BTreeSet<String> = BTreeSet::from([OF_TARGETS.to_owned()]);
    for metric in catalogues.iter().flat_map(Catalogue::metrics) {
        known.extend(series_names(&metric.name, &metric.kind));
    }
    let mut files = Vec::new();
    for (name, text) in STANDARD {
        let broken = |error: &str| format!("the standard's `{name}` is no rule file: {error}");
        let document = RuleDocument::read(text).map_err(|problem| broken(&problem.fact))?;
        let facts = facts(&[(name, &document)], &Options::default());
        let mut file: RuleFile =
            serde_saphyr::from_str(text).map_err(|error| broken(&super::first_line(&error)))?;
        let read = names(&facts);
        // In the order of the file, in which a rule stands behind those whose records it reads.
        let mut at = 0;
        for group in &mut file.groups {
            group.rules.retain(|rule| {
                let reads = read.get(at).into_iter().flatten();
                let mut reads = reads.filter(|name| {
                    known.contains(**name) || (has_rabbitmq && name.starts_with(RABBITMQ))
                });
                let is_kept = reads.next().is_some();
                at += 1;
                if is_kept {
                    known.extend(rule.record.clone());
                }
                is_kept
            });
        }
        file.groups.retain(|group| !group.rules.is_empty());
        let comment = "The standard's rules, as far as the services have what they read.";
        files.push(File::new(name, super::yaml(comment, &file)));
    }
    Ok(files)
}

/// The metrics that each rule reads, in the order of the files.
fn names(facts: &[FileFacts]) -> Vec<Vec<&str>> {
    let rules = facts.iter().flat_map(|file| file.rules.iter());
    rules.map(names_of).collect()
}

fn names_of(rule: &RuleFacts) -> Vec<&str> {
    let nodes = rule.nodes.iter();
    let names = nodes.filter_map(|node| match &node.form {
        Form::Selector { metric, .. } => metric.as_ref().map(|metric| metric.name.as_ref()),
        _ => None,
    });
    names.collect()
}
