//! The files that are generated, in the folders that monitoring mixins have them in.

use std::path::Path;

use super::catalogue::{Catalogue, markdown};
use super::deployment::Deployment;
use super::lock::Lock;
use super::write;

/// The folder of Prometheus' configuration.
const PROMETHEUS: &str = "prometheus";

/// A file of a bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct File {
    /// Its path below the bundle's folder, with slashes.
    pub(super) path: String,
    pub(super) text: String,
}

impl File {
    pub(super) fn new(path: impl Into<String>, text: String) -> Self {
        Self {
            path: path.into(),
            text,
        }
    }

    /// The same below a folder.
    pub(super) fn below(self, folder: &str) -> Self {
        Self {
            path: format!("{folder}/{}", self.path),
            text: self.text,
        }
    }
}

/// The files of all parts.
pub(super) fn all(catalogues: &[Catalogue], deployment: &Deployment) -> Result<Vec<File>, String> {
    let mut files = vec![
        File::new("catalogue.md", markdown(catalogues)),
        File::new("metrics.lock", Lock::of(catalogues).to_text()),
    ];
    files.extend(prometheus(catalogues, deployment)?);
    files.extend(rules(catalogues, deployment)?);
    files.extend(dashboards(catalogues, deployment)?);
    if deployment.notifications.is_some() {
        files.extend(alertmanager(deployment)?);
    }
    Ok(files)
}

/// The configuration of Prometheus.
pub(super) fn prometheus(
    catalogues: &[Catalogue],
    deployment: &Deployment,
) -> Result<Vec<File>, String> {
    let files = super::prometheus::files(catalogues, deployment)?;
    Ok(files
        .into_iter()
        .map(|file| file.below(PROMETHEUS))
        .collect())
}

/// Alert and recording rules.
pub(super) fn rules(
    catalogues: &[Catalogue],
    deployment: &Deployment,
) -> Result<Vec<File>, String> {
    let files = super::rules::files(catalogues, deployment)?.into_iter();
    Ok(files.map(|file| file.below("prometheus/rules")).collect())
}

/// The configuration of Alertmanager.
pub(super) fn alertmanager(deployment: &Deployment) -> Result<Vec<File>, String> {
    let files = super::alertmanager::files(deployment);
    if files.is_empty() {
        return Err("the deployment has no `notifications`, so nobody is to be told".to_owned());
    }
    Ok(files
        .into_iter()
        .map(|file| file.below("alertmanager"))
        .collect())
}

/// Grafana's dashboards and provisioning.
pub(super) fn dashboards(
    catalogues: &[Catalogue],
    deployment: &Deployment,
) -> Result<Vec<File>, String> {
    let files = super::dashboards::files(catalogues, deployment, &rules(catalogues, deployment)?)?;
    Ok(files
        .into_iter()
        .map(|file| file.below("grafana"))
        .collect())
}

/// Writes files below `folder`, each as a whole or not at all. Others are left as they are.
pub(super) fn write_all(files: &[File], folder: &Path) -> Result<(), String> {
    for file in files {
        write::write(&folder.join(&file.path), &file.text)?;
    }
    Ok(())
}
