//! Who reads which metrics: the alert and recording rules and the dashboards' panels in files.

use core::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use datapunk_metrics_rules::{Query, RuleDocument};
use serde::Deserialize;

/// A rule or a panel that reads metrics.
#[derive(Clone, Debug)]
pub struct Usage {
    /// Such as "alert rule `ServiceDown`".
    what: String,
    file: String,
    queries: Vec<Query>,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.what, self.file)
    }
}

#[derive(Deserialize)]
struct Dashboard {
    title: String,
    panels: Vec<Panel>,
}

#[derive(Deserialize)]
struct Panel {
    #[serde(default)]
    title: String,
    #[serde(default)]
    targets: Vec<Target>,
    /// Those of a row that is folded.
    #[serde(default)]
    panels: Vec<Panel>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Target {
    #[serde(default)]
    expr: String,
    #[serde(default)]
    legend_format: String,
}

impl Usage {
    /// The rules (`.yml`, `.yaml`) or panels (`.json`) in files; of a folder, those of every such file in it.
    ///
    /// # Errors
    ///
    /// If a file can't be read, or is neither.
    pub fn read_all(paths: &[impl AsRef<Path>]) -> Result<Vec<Self>, String> {
        let mut usages = Vec::new();
        for path in paths {
            for path in files_of(path.as_ref(), &["json", "yml", "yaml"])? {
                usages.extend(Self::read(&path)?);
            }
        }
        Ok(usages)
    }

    fn read(path: &Path) -> Result<Vec<Self>, String> {
        let shown = path.display().to_string();
        let text =
            fs::read_to_string(path).map_err(|error| format!("can't read `{shown}`: {error}"))?;
        if path
            .extension()
            .is_some_and(|extension| extension == "json")
        {
            let dashboard: Dashboard = serde_json::from_str(&text)
                .map_err(|error| format!("`{shown}` is not a dashboard: {error}"))?;
            let mut usages = Vec::new();
            for panel in &dashboard.panels {
                of_panel(panel, &dashboard.title, &shown, &mut usages);
            }
            return Ok(usages);
        }
        of_rules(&text, &shown).map_err(|error| format!("`{shown}` is not a rule file: {error}"))
    }

    /// Whether it reads one of the series, and needs the label.
    pub(super) fn reads(&self, names: &[String], label: Option<&str>) -> bool {
        let mut queries = self.queries.iter();
        queries.any(|query| names.iter().any(|name| query.reads(name, label)))
    }
}

fn of_rules(text: &str, file: &str) -> Result<Vec<Usage>, String> {
    let document = RuleDocument::read(text).map_err(|problem| problem.fact)?;
    if let (true, Some(problem)) = (document.groups.is_empty(), document.problems.first()) {
        return Err(problem.fact.clone());
    }
    let mut usages = Vec::new();
    for rule in document.groups.iter().flat_map(|group| &group.rules) {
        let kind = if rule.is_alert { "alert" } else { "recording" };
        let what = format!("{kind} rule `{}`", rule.name.text);
        let query = rule
            .query()
            .map_err(|error| format!("the expression of {what} is not PromQL: {error}"))?;
        usages.push(Usage {
            what,
            file: file.to_owned(),
            queries: vec![query],
        });
    }
    Ok(usages)
}

fn of_panel(panel: &Panel, dashboard: &str, file: &str, out: &mut Vec<Usage>) {
    let targets = panel
        .targets
        .iter()
        .filter(|target| !target.expr.is_empty());
    let queries: Vec<Query> = targets
        .map(|target| query_of_panel(&target.expr, &target.legend_format))
        .collect();
    if !queries.is_empty() {
        out.push(Usage {
            what: format!("panel `{}` of dashboard `{dashboard}`", panel.title),
            file: file.to_owned(),
            queries,
        });
    }
    for panel in &panel.panels {
        of_panel(panel, dashboard, file, out);
    }
}

/// A panel's query, which needs the labels that its legend shows. Where Grafana's variables leave no `PromQL`, or the
/// query is of another kind of store, it is read by its names: better named once too often than missed.
fn query_of_panel(expression: &str, legend: &str) -> Query {
    let shown: Vec<&str> = legend
        .split("{{")
        .skip(1)
        .filter_map(|rest| rest.split_once("}}"))
        .map(|(label, _)| label.trim())
        .collect();
    let expression = without_variables(expression);
    Query::read(&expression, &shown).unwrap_or_else(|_| Query::of_names(&expression))
}

/// A query with something in the place of Grafana's variables, `$name` and `${name:format}`: a duration where there has
/// to be one, else a name.
fn without_variables(query: &str) -> String {
    let mut out = String::with_capacity(query.len());
    let mut rest = query;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let length = match rest.strip_prefix('{') {
            Some(inner) => inner.find('}').map(|end| end + 2),
            None => rest
                .find(|letter: char| !letter.is_ascii_alphanumeric() && letter != '_')
                .or(Some(rest.len()))
                .filter(|length| *length > 0),
        };
        let Some(length) = length else {
            // The end of a line in a regular expression.
            out.push('$');
            continue;
        };
        rest = &rest[length..];
        let before = out.trim_end();
        let is_duration = before.ends_with(['[', ':']) || before.ends_with("offset");
        out.push_str(if is_duration { "5m" } else { "variable" });
    }
    out + rest
}

/// A file, or the files with one of these extensions in a folder and those below.
pub(in crate::artifacts) fn files_of(
    path: &Path,
    extensions: &[&str],
) -> Result<Vec<PathBuf>, String> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let entries = fs::read_dir(path)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| format!("can't read `{}`: {error}", path.display()))?;
    let mut paths: Vec<_> = entries.into_iter().map(|entry| entry.path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        let extension = path.extension().unwrap_or_default();
        if path.is_dir() || extensions.iter().any(|known| extension == *known) {
            found.extend(files_of(&path, extensions)?);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_grafana_leave_promql() {
        for query in [
            "sum(rate(a_total{service=~\"$service\"}[$__rate_interval]))",
            "rate(a_total{x=~\"${x:regex}\"}[${__range}:$step] offset $back)",
            "a_total{x=~\"1$\"} * $factor",
        ] {
            let read = Query::read(&without_variables(query), &[]);
            assert!(
                read.is_ok_and(|read| read.reads("a_total", None)),
                "{query}"
            );
        }
        assert_eq!(without_variables("a $"), "a $");
        assert_eq!(without_variables("a ${b"), "a ${b");
    }

    #[test]
    fn a_legend_needs_the_labels_that_it_shows() {
        let query = query_of_panel("a_total", "{{service}} {{ operation }}");
        assert!(query.reads("a_total", Some("operation")));
        assert!(!query.reads("a_total", Some("status")));
    }

    #[test]
    fn what_is_no_promql_is_read_by_its_names() {
        let query = query_of_panel("topk($n, a_total)", "");
        assert!(query.reads("a_total", None) && !query.reads("a", None));
    }
}
