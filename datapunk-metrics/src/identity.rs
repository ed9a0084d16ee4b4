//! Who this process is: said once at start, for all that speaks of it.
//!
//! `service` and `instance` are labels of the *target*. The scrape adds them; exported by the application as well they
//! come back as `exported_instance`, or clash. So they are not in an exposition, unless
//! [asked for](Identity::expose_service), and no metric may declare them. What nobody scrapes has to say itself
//! who it is: a push puts `service` and `instance` in its grouping key. A catalogue has the version.
//!
//! ```
//! use datapunk_metrics::identity::{self, Identity};
//!
//! identity::set(Identity::new("lake").instance("lake-7").version(env!("CARGO_PKG_VERSION")))?;
//! assert_eq!(identity::get().map(Identity::service), Some("lake"));
//!
//! let twice = identity::set(Identity::new("pond")).unwrap_err();
//! assert_eq!(twice.to_string(), "the identity is `lake` already, it is set once at start");
//! # Ok::<(), datapunk_metrics::identity::SetError>(())
//! ```
//!
//! The version and the commit of a build are facts that belong in an exposition. An [`Info`](crate::Info) shows them:
//!
//! ```
//! use datapunk_metrics::{Info, MetricSet, git_revision};
//!
//! #[derive(MetricSet)]
//! #[metrics(namespace = "lagoon")]
//! struct LagoonMetrics {
//!     /// The build that runs.
//!     #[metric(labels(version = env!("CARGO_PKG_VERSION"), revision = git_revision!()))]
//!     build_info: Info,
//! }
//! # assert_eq!(LagoonMetrics::DESCRIPTOR.metrics[0].constant_labels[1].0, "revision");
//! ```

use std::borrow::Cow;
use std::fmt;
use std::sync::OnceLock;

use crate::privacy::mask;

/// The service, the instance and the version that run. Secrets and personal data in them are
/// [masked](crate::privacy::mask).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    service: String,
    instance: Option<String>,
    version: Option<String>,
    exposes_service: bool,
}

impl Identity {
    /// The service `service`, such as `lake`: what all its instances have in common.
    #[must_use]
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            service: masked(service.into()),
            instance: None,
            version: None,
            exposes_service: false,
        }
    }

    /// Which of the service's instances it is: the name of a machine or of a pod. A batch job that runs now here, now
    /// there has none, or each run would leave a group of its own on a Pushgateway.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(masked(instance.into()));
        self
    }

    /// The version that runs, as a rule `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(masked(version.into()));
        self
    }

    /// Shows `service` as a label of every series, where the scrape configuration can't be changed to add it. Where it does
    /// add it, the series come back with an `exported_service` as well.
    ///
    /// ```
    /// use datapunk_metrics::encode::{Format, encode};
    /// use datapunk_metrics::identity::{self, Identity};
    /// use datapunk_metrics::{Counter, MetricSet, Registry};
    ///
    /// #[derive(MetricSet)]
    /// #[metrics(namespace = "marsh")]
    /// struct MarshMetrics {
    ///     /// Frogs heard.
    ///     frogs_heard_total: Counter,
    /// }
    ///
    /// identity::set(Identity::new("marsh").expose_service())?;
    /// let registry = Registry::new();
    /// registry.register::<MarshMetrics>()?;
    /// assert!(encode(&registry, Format::Text)?.contains("marsh_frogs_heard_total{service=\"marsh\"} 0\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expose_service(mut self) -> Self {
        self.exposes_service = true;
        self
    }

    /// The service.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.service
    }

    /// Which of its instances, if that was said.
    #[must_use]
    pub fn instance_name(&self) -> Option<&str> {
        self.instance.as_deref()
    }

    /// Which version, if that was said.
    #[must_use]
    pub fn version_text(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// What is empty although it was said.
    fn empty_part(&self) -> Option<&'static str> {
        let parts = [
            ("service", Some(self.service())),
            ("instance", self.instance_name()),
            ("version", self.version_text()),
        ];
        let empty = parts.iter().find(|(_, text)| *text == Some(""));
        empty.map(|(part, _)| *part)
    }
}

/// What is told of a process is told to all who see its metrics.
fn masked(text: String) -> String {
    match mask(&text) {
        Cow::Borrowed(_) => text,
        Cow::Owned(masked) => masked,
    }
}

static IDENTITY: OnceLock<Identity> = OnceLock::new();

/// Says who this process is. Once, at start: before the first push is built and before the first scrape.
///
/// ```
/// use datapunk_metrics::encode::{Format, encode};
/// use datapunk_metrics::identity::{self, Identity};
///
/// encode(datapunk_metrics::registry()?, Format::Text)?;
/// let late = identity::set(Identity::new("lake").expose_service()).unwrap_err();
/// assert_eq!(late.to_string(), "the service is not exposed: an exposition without it was written already");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
///
/// If it was said before, if a part of it is empty, and if it is to be exposed after an exposition was written without it;
/// it is set then, but not exposed.
pub fn set(identity: Identity) -> Result<(), SetError> {
    if let Some(part) = identity.empty_part() {
        return Err(SetError(Cause::Empty(part)));
    }
    let already = |_| {
        SetError(Cause::Already(
            get().map(Identity::service).unwrap_or_default(),
        ))
    };
    let is_to_be_exposed = identity.exposes_service;
    IDENTITY.set(identity).map_err(already)?;
    if is_to_be_exposed && exposed_label().is_none() {
        return Err(SetError(Cause::TooLate));
    }
    Ok(())
}

/// The label that a series is shown with, unless `labels` has that one.
pub(crate) fn exposed_beside<'a>(
    mut labels: impl Iterator<Item = (&'a str, &'a str)>,
) -> Option<(&'static str, &'static str)> {
    exposed_label().filter(|(name, _)| !labels.any(|(own, _)| own == *name))
}

/// The label that every series is shown with. What it is at the first exposition it stays, since text is kept.
fn exposed_label() -> Option<(&'static str, &'static str)> {
    static LABEL: OnceLock<Option<&'static str>> = OnceLock::new();
    let service = LABEL.get_or_init(|| {
        let identity = get().filter(|identity| identity.exposes_service);
        identity.map(Identity::service)
    });
    service.map(|service| ("service", service))
}

/// Who this process is, if it was said.
#[must_use]
pub fn get() -> Option<&'static Identity> {
    IDENTITY.get()
}

/// An identity that was not set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetError(Cause);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Cause {
    /// There is one, of this service.
    Already(&'static str),
    /// A part of it is empty.
    Empty(&'static str),
    /// An exposition was written already.
    TooLate,
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::Already(service) => write!(
                f,
                "the identity is `{service}` already, it is set once at start"
            ),
            Cause::Empty(part) => write!(f, "the {part} of the identity is empty"),
            Cause::TooLate => f.write_str(
                "the service is not exposed: an exposition without it was written already",
            ),
        }
    }
}

impl std::error::Error for SetError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_part_is_refused() {
        for (identity, part) in [
            (Identity::new(""), "service"),
            (Identity::new("lake").instance(""), "instance"),
            (Identity::new("lake").version(""), "version"),
        ] {
            let error = set(identity).expect_err("it is refused");
            assert_eq!(
                error.to_string(),
                format!("the {part} of the identity is empty")
            );
        }
        assert_eq!(get(), None);
    }
}
