//! Who reads which metrics: the alert and recording rules and the dashboards' panels in files.

use core::fmt;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use serde::Deserialize;

/// A rule or a panel that reads metrics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    /// Such as "alert rule `ServiceDown`".
    what: String,
    file: String,
    /// The words of its queries.
    words: BTreeSet<String>,
}

impl fmt::Display for Usage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in {}", self.what, self.file)
    }
}

#[derive(Deserialize)]
struct RuleFile {
    groups: Vec<Group>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
struct Rule {
    alert: Option<String>,
    record: Option<String>,
    expr: String,
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
struct Target {
    #[serde(default)]
    expr: String,
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
            for path in files(path.as_ref())? {
                usages.extend(Self::read(&path)?);
            }
        }
        Ok(usages)
    }

    fn read(path: &Path) -> Result<Vec<Self>, String> {
        let shown = path.display();
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
                of_panel(panel, &dashboard.title, &shown.to_string(), &mut usages);
            }
            return Ok(usages);
        }
        let file: RuleFile = serde_saphyr::from_str(&text).map_err(|error| {
            let error = super::super::first_line(&error);
            format!("`{shown}` is not a rule file: {error}")
        })?;
        let rules = file.groups.into_iter().flat_map(|group| group.rules);
        Ok(rules
            .map(|rule| Self {
                what: match (rule.alert, rule.record) {
                    (Some(alert), _) => format!("alert rule `{alert}`"),
                    (None, record) => format!("recording rule `{}`", record.unwrap_or_default()),
                },
                file: shown.to_string(),
                words: words(&rule.expr),
            })
            .collect())
    }

    /// Whether it reads one of the series, and the label.
    pub(super) fn reads(&self, names: &[String], label: Option<&str>) -> bool {
        names.iter().any(|name| self.words.contains(name))
            && label.is_none_or(|label| self.words.contains(label))
    }
}

fn of_panel(panel: &Panel, dashboard: &str, file: &str, out: &mut Vec<Usage>) {
    let queries = panel.targets.iter().map(|target| target.expr.as_str());
    let words: BTreeSet<String> = queries.flat_map(words).collect();
    if !words.is_empty() {
        out.push(Usage {
            what: format!("panel `{}` of dashboard `{dashboard}`", panel.title),
            file: file.to_owned(),
            words,
        });
    }
    for panel in &panel.panels {
        of_panel(panel, dashboard, file, out);
    }
}

/// A file, or the files of a folder and those below.
fn files(path: &Path) -> Result<Vec<std::path::PathBuf>, String> {
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
        let is_read = path.extension().is_some_and(|extension| {
            ["json", "yml", "yaml"]
                .iter()
                .any(|known| extension == *known)
        });
        if path.is_dir() || is_read {
            found.extend(files(&path)?);
        }
    }
    Ok(found)
}

/// The words of a query that can be names of metrics or labels: what stands in strings is neither.
pub(in crate::artifacts) fn words(query: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    let mut word = String::new();
    let mut quote = None;
    let mut escaped = false;
    for character in query.chars().chain([' ']) {
        if let Some(open) = quote {
            if !escaped && character == open {
                quote = None;
            }
            escaped = !escaped && character == '\\';
            continue;
        }
        if character.is_ascii_alphanumeric() || matches!(character, '_' | ':') {
            word.push(character);
            continue;
        }
        if !word.is_empty() {
            words.insert(core::mem::take(&mut word));
        }
        if matches!(character, '"' | '\'' | '`') {
            quote = Some(character);
        }
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels_are_words_and_strings_are_not() {
        let found = words(
            r#"sum by (le) (rate(a_bucket{path!="x\"b_total",c=~'d'}[$__rate_interval])) > on() job:e:f"#,
        );
        let expected = [
            "a_bucket",
            "__rate_interval",
            "by",
            "c",
            "job:e:f",
            "le",
            "on",
            "path",
            "rate",
            "sum",
        ];
        assert_eq!(found, expected.map(str::to_owned).into());
    }
}
