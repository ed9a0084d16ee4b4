//! What hides secrets and personal data in the series of programs that are not the toolkit's, before they are stored.
//!
//! An alert's texts are made of its series' labels before its own labels can be changed, so it is the series that have
//! to be clean. A step of relabelling changes a label that it names: those that alerts can have.

use super::Relabel;
use crate::artifacts::catalogue::Catalogue;
use crate::artifacts::deployment::Deployment;
use crate::artifacts::{redact, rules};

/// Those of targets and rules, which are not the program's, and bounds.
const NOT_OF_PROGRAMS: [&str; 13] = [
    "__name__",
    "alertname",
    "alertstate",
    "instance",
    "job",
    "le",
    "quantile",
    "service",
    "severity",
    "sloth_id",
    "sloth_service",
    "sloth_slo",
    "sloth_window",
];

/// A step for each label.
pub(super) fn of_others(
    catalogues: &[Catalogue],
    deployment: &Deployment,
) -> Result<Vec<Relabel>, String> {
    let files = rules::files(catalogues, deployment)?;
    let mut labels = rules::labels(catalogues, &files)?;
    labels.retain(|name| !NOT_OF_PROGRAMS.contains(&name.as_str()));
    let regex = redact::of_values();
    let steps = labels.into_iter().map(|name| Relabel {
        source_labels: vec![name.clone().into()],
        regex: Some(regex.clone()),
        target_label: Some(name.into()),
        replacement: Some(datapunk_metrics_conventions::REDACTED.to_owned()),
        action: None,
    });
    Ok(steps.collect())
}
