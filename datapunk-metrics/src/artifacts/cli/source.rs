//! Where the commands have the metrics from.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use datapunk_metrics_conventions::closest;

use super::METRICS;
use crate::artifacts::catalogue::Catalogue;
use crate::registry::Registry;

/// The metrics of one service or of several.
#[derive(Debug)]
pub(super) enum Source<'a> {
    /// Those of this program.
    Registry(&'a str, &'a Registry),
    /// Those of binaries, and catalogues that were saved.
    Files(Vec<PathBuf>),
}

impl Source<'_> {
    /// The catalogue of each service, by name.
    pub(super) fn catalogues(&self) -> Result<Vec<Catalogue>, String> {
        let mut catalogues = match self {
            Self::Registry(service, registry) => vec![Catalogue::of(service, registry)],
            Self::Files(files) => files
                .iter()
                .map(|file| read(file))
                .collect::<Result<_, _>>()?,
        };
        catalogues.sort_by(|a, b| a.service.cmp(&b.service));
        if let Some(pair) = catalogues
            .windows(2)
            .find(|pair| pair[0].service == pair[1].service)
        {
            return Err(format!("service `{}` is given twice", pair[0].service));
        }
        if let Some(empty) = catalogues
            .iter()
            .find(|catalogue| catalogue.sets.is_empty())
        {
            return Err(format!("service `{}` declares no metrics", empty.service));
        }
        Ok(catalogues)
    }

    /// The same with these sets alone; all of them if there is no name.
    pub(super) fn sets(&self, names: &[String]) -> Result<Vec<Catalogue>, String> {
        let mut catalogues = self.catalogues()?;
        if names.is_empty() {
            return Ok(catalogues);
        }
        let known: BTreeSet<&str> = catalogues
            .iter()
            .flat_map(|catalogue| &catalogue.sets)
            .map(|set| set.name.as_str())
            .collect();
        if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
            let near = closest(unknown, known.iter().copied());
            let hint = near.map_or_else(
                || {
                    format!(
                        "there are `{}`",
                        known.iter().copied().collect::<Vec<_>>().join("`, `")
                    )
                },
                |near| format!("a similar one is `{near}`"),
            );
            return Err(format!("there is no metric set `{unknown}`; {hint}"));
        }
        for catalogue in &mut catalogues {
            catalogue.sets.retain(|set| names.contains(&set.name));
        }
        catalogues.retain(|catalogue| !catalogue.sets.is_empty());
        Ok(catalogues)
    }
}

fn read(path: &Path) -> Result<Catalogue, String> {
    let shown = path.display();
    let bytes = fs::read(path).map_err(|error| format!("can't read `{shown}`: {error}"))?;
    let text = match String::from_utf8(bytes) {
        Ok(text) if !text.starts_with("#!") => text,
        // What is no text, or a script, is run.
        _ => {
            let output = ask(path, &["catalogue", "--format", "json"])?;
            String::from_utf8(output.stdout)
                .map_err(|_| format!("`{shown} {METRICS} catalogue` does not print text"))?
        }
    };
    Catalogue::from_json(&text).map_err(|error| format!("`{shown}` has no metrics: {error}"))
}

/// Runs `<path> metrics <arguments>`.
pub(super) fn ask(path: &Path, arguments: &[&str]) -> Result<Output, String> {
    let shown = path.display();
    // A path without a folder would be looked for among the installed programs.
    let path = path
        .canonicalize()
        .map_err(|error| format!("can't read `{shown}`: {error}"))?;
    let output = Command::new(path)
        .arg(METRICS)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| format!("can't run `{shown}`: {error}"))?;
    if matches!(output.status.code(), Some(0 | 1)) {
        return Ok(output);
    }
    let complaint = String::from_utf8_lossy(&output.stderr);
    let first = complaint.lines().next().unwrap_or("it printed nothing");
    Err(format!(
        "`{shown}` has no metrics: `{shown} {METRICS}` failed: {first}"
    ))
}
