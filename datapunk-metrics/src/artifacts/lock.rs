//! The lock: what queries rely on, kept in a file that is committed, so that a change to it is seen before it is shipped.

mod diff;
mod usage;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

pub use diff::Change;
pub use usage::Usage;
pub(super) use usage::files_of;

use super::catalogue::{Catalogue, Deprecated, Metric, Renamed, State};

/// The version of the lock's form; another one is refused.
const FORMAT: u32 = 1;

/// What the queries of one or more services rely on.
///
/// ```
/// use datapunk_metrics::artifacts::{Catalogue, Lock};
/// use datapunk_metrics::{Counter, MetricSet, Registry};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "mint")]
/// struct MintMetrics {
///     /// Coins struck.
///     coins_struck_total: Counter,
/// }
///
/// let registry = Registry::new();
/// let before = Lock::of(&[Catalogue::of("mint", &registry)]);
/// registry.register::<MintMetrics>()?;
/// let now = Lock::of(&[Catalogue::of("mint", &registry)]);
///
/// assert!(before.changes(&now).iter().all(|change| !change.is_breaking()));
/// let gone = &now.changes(&before)[0];
/// assert_eq!(gone.message(), "mint: metric `mint_coins_struck_total` is removed");
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lock {
    format: u32,
    services: BTreeMap<String, BTreeMap<String, Locked>>,
}

/// What queries rely on of one metric.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Locked {
    kind: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    unit: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, Values>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    buckets: Vec<f64>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    states: BTreeMap<String, i64>,
    retention: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    renamed_from: Option<Renamed>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    deprecated: Option<Deprecated>,
}

/// The values of a label.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Values {
    /// Any.
    Open,
    /// These.
    OneOf(BTreeSet<String>),
}

impl Lock {
    /// The lock of these services.
    #[must_use]
    pub fn of(catalogues: &[Catalogue]) -> Self {
        let services = catalogues.iter().map(|catalogue| {
            let metrics = catalogue.metrics();
            let metrics = metrics.map(|metric| (metric.name.clone(), locked(metric)));
            (catalogue.service.clone(), metrics.collect())
        });
        Self {
            format: FORMAT,
            services: services.collect(),
        }
    }

    /// As the text of `metrics.lock`.
    #[must_use]
    pub fn to_text(&self) -> String {
        super::yaml(
            "What queries rely on. `metrics lock` writes it, `metrics diff` compares it; commit it.",
            self,
        )
    }

    /// A lock from the text of `metrics.lock`.
    ///
    /// # Errors
    ///
    /// If it is none, or one of another form.
    pub fn from_text(text: &str) -> Result<Self, String> {
        let lock: Self = serde_saphyr::from_str(text)
            .map_err(|error| format!("not a lock: {}", super::first_line(&error)))?;
        if lock.format != FORMAT {
            return Err(format!(
                "a lock of form {}, and this program reads form {FORMAT}",
                lock.format
            ));
        }
        Ok(lock)
    }

    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If there is no such file, or it is no lock.
    pub fn read(path: &Path) -> Result<Self, String> {
        let text = fs::read_to_string(path)
            .map_err(|error| format!("can't read `{}`: {error}", path.display()))?;
        Self::from_text(&text).map_err(|error| format!("`{}` is {error}", path.display()))
    }

    /// The part of one service; else what is wrong, to be said of the lock.
    pub(super) fn of_service(mut self, service: &str) -> Result<Self, String> {
        let Some(metrics) = self.services.remove(service) else {
            let known: Vec<&str> = self.services().collect();
            return Err(format!(
                "has no service `{service}`; it has `{}`",
                known.join("`, `")
            ));
        };
        self.services = BTreeMap::from([(service.to_owned(), metrics)]);
        Ok(self)
    }

    /// The names of its services.
    pub fn services(&self) -> impl Iterator<Item = &str> {
        self.services.keys().map(String::as_str)
    }
}

fn locked(metric: &Metric) -> Locked {
    let constant = metric.constant_labels.keys().map(|name| {
        // A constant is the build's, such as a version: it may be any value.
        (name.clone(), Values::Open)
    });
    let labels = metric.labels.iter().map(|label| {
        let values = if label.open.is_some() {
            Values::Open
        } else {
            Values::OneOf(label.values.iter().cloned().collect())
        };
        (label.name.clone(), values)
    });
    let states = metric.states.iter();
    Locked {
        kind: metric.kind.clone(),
        unit: metric.unit.clone(),
        labels: constant.chain(labels).collect(),
        buckets: metric.buckets.clone(),
        states: states
            .map(|State { name, value }| (name.clone(), *value))
            .collect(),
        retention: metric.retention.clone(),
        renamed_from: metric.renamed_from.clone(),
        deprecated: metric.deprecated.clone(),
    }
}

/// Holds a registry to the lock that was committed: passes as long as no query can break, so metrics that are new pass.
///
/// With `UPDATE=1` in the environment it writes the file instead. `deployed` are files with the alert rules and
/// dashboards in use; a failure names those that would break.
///
/// ```no_run
/// // A test of the service; paths are relative to its package.
/// datapunk_metrics::testing::assert_lock(
///     "lake",
///     datapunk_metrics::registry()?,
///     "metrics.lock",
///     &["deploy/rules/alerts.yml", "deploy/grafana/dashboards/lake.json"],
/// );
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
///
/// # Panics
///
/// With all changes that break queries, or if a file can't be read or written.
#[track_caller]
pub fn assert_lock(
    service: &str,
    registry: &crate::Registry,
    path: impl AsRef<Path>,
    deployed: &[&str],
) {
    let path = path.as_ref();
    let now = Lock::of(&[Catalogue::of(service, registry)]);
    if std::env::var_os("UPDATE").is_some_and(|update| update == "1") {
        if let Err(error) = super::write::write(path, &now.to_text()) {
            panic!("{error}");
        }
        return;
    }
    let broken = Lock::read(path).and_then(|before| {
        let usages = Usage::read_all(deployed)?;
        let changes = before.changes(&now).into_iter();
        let breaking = changes.filter(Change::is_breaking);
        Ok(breaking
            .map(|change| change.report(&usages))
            .collect::<Vec<_>>())
    });
    match broken {
        Ok(broken) if broken.is_empty() => {}
        Ok(broken) => panic!(
            "metrics changed against `{}`\n{}\nhelp: if that is meant, write the lock anew: run this test with `UPDATE=1`",
            path.display(),
            broken.join("\n")
        ),
        Err(error) => panic!("{error}\nhelp: a lock is written by this test with `UPDATE=1`"),
    }
}
