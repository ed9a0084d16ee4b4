//! The check at run time.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use datapunk_metrics_conventions::name_hash;
use datapunk_metrics_rules::packed::File;
use datapunk_metrics_rules::{Options, PackedFile, Problem, RuleDocument, facts, pack};

use super::catalogue::{
    Catalogue, External, NO_METRIC, collect, count_metrics, fill_index, index_length,
};
use super::check::{check_outside, check_rule};
use super::report::Report;
use crate::descriptor::SetDescriptor;

/// Checks a rule file against all metrics of the program, with what [`RuleCheck::new`] takes for granted.
///
/// # Errors
///
/// If the file can't be read, or two linked sets have a metric of the same name.
///
/// ```no_run
/// let findings = datapunk_metrics::rules::check("rules/alerts.yml")?;
/// assert!(findings.mistakes.is_empty(), "{findings}");
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn check(path: impl AsRef<Path>) -> std::io::Result<Findings> {
    let registry = crate::registry().map_err(std::io::Error::other)?;
    Ok(RuleCheck::new().file(path)?.against(&registry.sets()))
}

/// A check of rule files against metric sets.
///
/// `up` and what else Prometheus itself makes of a target is known.
#[derive(Clone, Debug)]
pub struct RuleCheck {
    options: Options,
    /// The names of metrics that no set declares, each with its labels.
    externals: Vec<(String, Vec<String>)>,
    target_labels: Vec<String>,
    files: Vec<(String, Result<RuleDocument, Problem>)>,
}

impl Default for RuleCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl RuleCheck {
    /// A check of no files, with a scrape interval of 15 s and the standard's severities, labels and annotations.
    #[must_use]
    pub fn new() -> Self {
        Self {
            options: Options::default(),
            externals: Vec::new(),
            target_labels: ["service", "instance", "job"].map(str::to_owned).to_vec(),
            files: Vec::new(),
        }
    }

    /// Adds a file.
    ///
    /// # Errors
    ///
    /// If it can't be read.
    pub fn file(self, path: impl AsRef<Path>) -> std::io::Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path)?;
        Ok(self.text(&path.display().to_string(), &text))
    }

    /// Adds a file by its text.
    #[must_use]
    pub fn text(mut self, name: &str, text: &str) -> Self {
        self.files.push((name.to_owned(), RuleDocument::read(text)));
        self
    }

    /// Adds a metric that no set declares, with its labels but those of the target.
    #[must_use]
    pub fn external(mut self, name: &str, labels: &[&str]) -> Self {
        self.externals.push((name.to_owned(), owned(labels)));
        self
    }

    /// How often targets are scraped.
    #[must_use]
    pub fn scrape_interval(mut self, interval: Duration) -> Self {
        self.options.scrape_interval = interval;
        self
    }

    /// What the label `severity` of an alert may be.
    #[must_use]
    pub fn severities(mut self, severities: &[&str]) -> Self {
        self.options.severities = owned(severities);
        self
    }

    /// The labels that every alert has.
    #[must_use]
    pub fn required_labels(mut self, labels: &[&str]) -> Self {
        self.options.required_labels = owned(labels);
        self
    }

    /// The annotations that every alert has.
    #[must_use]
    pub fn required_annotations(mut self, annotations: &[&str]) -> Self {
        self.options.required_annotations = owned(annotations);
        self
    }

    /// The labels that every scraped series has. `le` is left out: it is the upper bound of a bucket, and only histograms
    /// have it.
    #[must_use]
    pub fn target_labels(mut self, labels: &[&str]) -> Self {
        self.target_labels = owned(labels);
        self.target_labels.retain(|label| label != "le");
        self
    }

    /// What is wrong with the files, if these are the metrics.
    #[must_use]
    pub fn against(&self, sets: &[&'static SetDescriptor]) -> Findings {
        let mut findings = Findings::default();
        let mut documents = Vec::new();
        for (name, document) in &self.files {
            match document {
                Ok(document) => documents.push((name.as_str(), document)),
                Err(problem) => findings
                    .mistakes
                    .push(format!("{name}:{}: {}", problem.line, problem.fact)),
            }
        }
        let target_labels = borrowed(&self.target_labels);
        let packed: Vec<PackedFile> = facts(&documents, &self.options)
            .iter()
            .map(|file| pack(file, &target_labels))
            .collect();
        let texts: Vec<Vec<&str>> = packed.iter().map(PackedFile::texts).collect();
        let files: Vec<File<'_>> = packed
            .iter()
            .zip(&texts)
            .map(|(file, texts)| file.file(texts))
            .collect();
        let files: Vec<&File<'_>> = files.iter().collect();
        let externals = self.externals.iter();
        let externals: Vec<(&str, Vec<&str>)> = externals
            .map(|(name, labels)| (name.as_str(), borrowed(labels)))
            .collect();
        let externals: Vec<External<'_>> = externals
            .iter()
            .map(|(name, labels)| External {
                name,
                hash: name_hash(name),
                labels,
            })
            .collect();
        let mut metrics = vec![NO_METRIC; count_metrics(sets)];
        collect(sets, &mut metrics, 0);
        let mut index = vec![0; index_length(&metrics)];
        fill_index(&metrics, &mut index);
        let catalogue = Catalogue {
            metrics: &metrics,
            index: &index,
            files: &files,
            externals: &externals,
            target_labels: target_labels.len(),
        };
        for &file in &files {
            findings.add(&check_outside(file));
            for at in 0..file.rules().length {
                findings.add(&check_rule(&catalogue, file, at));
            }
        }
        findings
    }
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

fn borrowed(texts: &[String]) -> Vec<&str> {
    texts.iter().map(String::as_str).collect()
}

/// What a check found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings {
    /// What is wrong: place, fact, expression, reason and help, a text of several lines each.
    pub mistakes: Vec<String>,
    /// What could not be checked, such as values of labels that are open.
    pub notes: Vec<String>,
}

impl Findings {
    fn add(&mut self, report: &Report) {
        let mistakes = report.mistakes().split("\n\n");
        self.mistakes.extend(
            mistakes
                .filter(|mistake| !mistake.is_empty())
                .map(str::to_owned),
        );
        if report.left_out() > 0 {
            self.mistakes
                .push(format!("and {} more of one rule", report.left_out()));
        }
        self.notes.extend(report.notes().lines().map(str::to_owned));
    }
}

impl fmt::Display for Findings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.mistakes.join("\n\n"))
    }
}
