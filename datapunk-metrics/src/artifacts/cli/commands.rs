//! What each command does.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};
use serde_json::json;

use super::output::{self, Finding};
use super::source::{Source, ask};
use super::{Command, Files, Outcome, Page, Part, Table, Text};
use crate::artifacts::bundle::{self, File};
use crate::artifacts::catalogue::{Catalogue, Metric, Place, markdown};
use crate::artifacts::deployment::Deployment;
use crate::artifacts::lock::{Change, Lock, Usage, files_of};
use crate::artifacts::scrape::{self, Difference, Endpoint};
use crate::artifacts::{self, write};
use crate::rules::{KNOW_IT, RuleCheck};
use crate::testing::LintFinding;

/// Runs a command; an error is one line about the input.
pub(super) fn run(command: &Command, source: &Source<'_>) -> Result<Outcome, String> {
    match command {
        Command::List { sets, format } => {
            list(&source.sets(&sets.names)?, format.format);
            Ok(Outcome::Fine)
        }
        Command::Catalogue { sets, format, out } => {
            let text = catalogue(&source.sets(&sets.names)?, *format)?;
            print_or_write(&text, out.as_deref())
        }
        Command::Rules { part } => self::part(part, |deployment| {
            bundle::rules(&source.catalogues()?, deployment)
        }),
        Command::Prometheus { part } => self::part(part, |deployment| {
            bundle::prometheus(&source.catalogues()?, deployment)
        }),
        Command::Alertmanager { part } => self::part(part, bundle::alertmanager),
        Command::Dashboards { part } => self::part(part, |deployment| {
            bundle::dashboards(&source.catalogues()?, deployment)
        }),
        Command::All { deployment, out } => {
            let files = bundle::all(&source.catalogues()?, &Deployment::read(deployment)?)?;
            bundle::write_all(&files, out)?;
            Ok(Outcome::Fine)
        }
        Command::Lint { format } => lint(source, format.format == Text::Json),
        Command::CheckRules {
            files,
            external,
            format,
        } => check_rules(
            &source.catalogues()?,
            files,
            external,
            format.format == Text::Json,
        ),
        Command::Lock { out } => {
            write::write(out, &Lock::of(&source.catalogues()?).to_text())?;
            Ok(Outcome::Fine)
        }
        Command::Diff {
            old,
            new,
            used_in,
            format,
        } => {
            let before = Lock::read(old)?;
            let (before, now) = match (new, source) {
                (Some(new), _) => (before, Lock::read(new)?),
                // A lock of several services is not its business as a whole.
                (None, Source::Registry(service, _)) => {
                    let before = before.of_service(service);
                    let before = before.map_err(|error| format!("`{}` {error}", old.display()))?;
                    (before, Lock::of(&source.catalogues()?))
                }
                (None, Source::Files(_)) => (before, Lock::of(&source.catalogues()?)),
            };
            diff(&before, &now, used_in, format.format == Text::Json)
        }
        Command::Scrape { endpoint, format } => {
            check_target(&source.catalogues()?, endpoint, format.format == Text::Json)
        }
    }
}

/// Writes or prints the files of one part of a bundle.
fn part(
    part: &Part,
    files: impl FnOnce(&Deployment) -> Result<Vec<File>, String>,
) -> Result<Outcome, String> {
    let files = files(&Deployment::read(&part.deployment)?)?;
    match (&part.out, part.format) {
        (Some(folder), _) => bundle::write_all(&files, folder)?,
        (None, Files::Json) => {
            let texts = files.iter().map(|file| (&file.path, &file.text));
            output::print(&artifacts::json(&texts.collect::<BTreeMap<_, _>>()));
        }
        (None, Files::Text) => {
            for file in &files {
                output::print(&format!("# ==> {} <==\n{}", file.path, file.text));
            }
        }
    }
    Ok(Outcome::Fine)
}

fn print_or_write(text: &str, out: Option<&Path>) -> Result<Outcome, String> {
    match out {
        Some(path) => write::write(path, text)?,
        None => output::print(text),
    }
    Ok(Outcome::Fine)
}

fn list(catalogues: &[Catalogue], format: Table) {
    let metrics = catalogues.iter().flat_map(|catalogue| {
        let metrics = catalogue.metrics();
        metrics.map(move |metric| (catalogue.service.as_str(), metric))
    });
    if format == Table::Json {
        let rows = metrics.map(|(service, metric)| {
            json!({
                "service": service, "name": metric.name, "kind": metric.kind, "unit": metric.unit,
                "labels": label_names(metric), "series": metric.series, "max_series": metric.max_series,
                "retention": metric.retention, "declared": metric.declared,
            })
        });
        output::print(&artifacts::json(&rows.collect::<Vec<_>>()));
        return;
    }
    let head = [
        "service",
        "name",
        "kind",
        "unit",
        "labels",
        "series",
        "bound",
        "retention",
        "declared",
    ];
    let mut rows = vec![head.map(str::to_owned).to_vec()];
    rows.extend(metrics.map(|(service, metric)| {
        let Place { file, line, .. } = &metric.declared;
        vec![
            service.to_owned(),
            metric.name.clone(),
            metric.kind.clone(),
            metric.unit.clone(),
            label_names(metric).join(","),
            metric.series.to_string(),
            metric.max_series.to_string(),
            metric.retention.clone(),
            format!("{file}:{line}"),
        ]
    }));
    output::print(&output::table(&rows));
}

fn label_names(metric: &Metric) -> Vec<&str> {
    let constant = metric.constant_labels.keys().map(String::as_str);
    let labels = metric.labels.iter().map(|label| label.name.as_str());
    constant.chain(labels).collect()
}

/// One service is its catalogue, which is what the stand-alone program reads; several are a list for people only.
fn catalogue(catalogues: &[Catalogue], format: Page) -> Result<String, String> {
    match (format, catalogues) {
        (Page::Markdown, all) => Ok(markdown(all)),
        (Page::Json, [one]) => Ok(one.to_json()),
        (Page::Json, all) => Err(format!(
            "a catalogue is of one service, and {} are given: give one `--from`",
            all.len()
        )),
    }
}

impl Finding for LintFinding {
    fn text(&self) -> String {
        format!("finding: {self}")
    }
}

impl Serialize for LintFinding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let location = self.location();
        json!({
            "rule": self.rule(), "metric": self.metric(), "message": self.message(),
            "file": location.file, "line": location.line,
        })
        .serialize(serializer)
    }
}

fn lint(source: &Source<'_>, as_json: bool) -> Result<Outcome, String> {
    match source {
        Source::Registry(_, registry) => {
            let findings = crate::testing::lint(registry);
            let found: Vec<_> = findings.iter().cloned().collect();
            Ok(output::findings(&found, as_json, "no findings"))
        }
        Source::Files(files) => {
            let mut outcome = Outcome::Fine;
            let mut found: Vec<serde_json::Value> = Vec::new();
            for file in files {
                if lint_binary(file, as_json, &mut found)? == Outcome::Findings {
                    outcome = Outcome::Findings;
                }
            }
            if as_json {
                output::print(&artifacts::json(&found));
            }
            Ok(outcome)
        }
    }
}

/// Only the program knows what a catalogue leaves out, such as whether its scrape-time functions return.
fn lint_binary(
    file: &Path,
    as_json: bool,
    found: &mut Vec<serde_json::Value>,
) -> Result<Outcome, String> {
    let shown = file.display();
    if file
        .extension()
        .is_some_and(|extension| extension == "json")
    {
        return Err(format!(
            "`{shown}` is a catalogue, and a lint takes the service's binary"
        ));
    }
    let format = if as_json { "json" } else { "text" };
    let output = ask(file, &["lint", "--format", format])?;
    let text = String::from_utf8_lossy(&output.stdout);
    if as_json {
        let more: Vec<serde_json::Value> = serde_json::from_str(&text)
            .map_err(|error| format!("`{shown} metrics lint` does not print findings: {error}"))?;
        found.extend(more);
    } else {
        output::print(&text);
    }
    Ok(if output.status.success() {
        Outcome::Fine
    } else {
        Outcome::Findings
    })
}

/// A mistake in a rule file.
#[derive(Serialize)]
struct RuleMistake {
    message: String,
}

impl Finding for RuleMistake {
    fn text(&self) -> String {
        format!("finding: {}", self.message)
    }
}

fn check_rules(
    catalogues: &[Catalogue],
    files: &[PathBuf],
    externals: &[String],
    as_json: bool,
) -> Result<Outcome, String> {
    let mut check = RuleCheck::new();
    for path in files {
        for file in rule_files(path)? {
            check = check
                .file(&file)
                .map_err(|error| format!("can't read `{}`: {error}", file.display()))?;
        }
    }
    for external in externals {
        let (name, labels) = external.split_once('=').unwrap_or((external, ""));
        let labels: Vec<&str> = labels
            .split(',')
            .filter(|label| !label.is_empty())
            .collect();
        check = check.external(name, &labels);
    }
    let mut sets = Vec::new();
    for catalogue in catalogues {
        sets.extend(catalogue.descriptors()?);
    }
    let mistakes = check.against(&sets).mistakes.into_iter();
    let found: Vec<_> = mistakes
        .map(|message| RuleMistake {
            message: message.replace(
                KNOW_IT,
                "give its service to `datapunk-metrics --from`, or the metric to `--external`",
            ),
        })
        .collect();
    Ok(output::findings(
        &found,
        as_json,
        "the rules fit the metrics",
    ))
}

/// The rule files at a path, which may be a folder.
fn rule_files(path: &Path) -> Result<Vec<PathBuf>, String> {
    let files = files_of(path, &["yml", "yaml"])?;
    if files.is_empty() {
        return Err(format!("no rule files in `{}`", path.display()));
    }
    Ok(files)
}

/// A change with what it breaks.
struct Broken<'a> {
    change: &'a Change,
    usages: &'a [Usage],
}

impl Finding for Broken<'_> {
    fn is_bad(&self) -> bool {
        self.change.is_breaking()
    }

    fn text(&self) -> String {
        self.change.report(self.usages)
    }
}

impl Serialize for Broken<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let breaks: Vec<String> = self
            .change
            .breaks(self.usages)
            .map(Usage::to_string)
            .collect();
        json!({
            "breaking": self.change.is_breaking(), "message": self.change.message(), "breaks": breaks,
            "help": self.change.help(),
        })
        .serialize(serializer)
    }
}

fn diff(old: &Lock, now: &Lock, used_in: &[PathBuf], as_json: bool) -> Result<Outcome, String> {
    let usages = Usage::read_all(used_in)?;
    let changes = old.changes(now);
    let changes: Vec<_> = changes
        .iter()
        .map(|change| Broken {
            change,
            usages: &usages,
        })
        .collect();
    Ok(output::findings(&changes, as_json, "no changes"))
}

impl Finding for Difference {
    fn text(&self) -> String {
        format!("finding: {}", self.message)
    }
}

fn check_target(
    catalogues: &[Catalogue],
    endpoint: &Endpoint,
    as_json: bool,
) -> Result<Outcome, String> {
    let [catalogue] = catalogues else {
        return Err(format!(
            "a target belongs to one service, and {} are given: give one `--from`",
            catalogues.len()
        ));
    };
    let found = scrape::compare(catalogue, &endpoint.fetch()?);
    Ok(output::findings(
        &found,
        as_json,
        "the target exposes what is declared",
    ))
}
