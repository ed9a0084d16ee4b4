//! Who this process is: said once at start, for all that speaks of it.
//!
//! `service` and `instance` are labels of the *target*. The scrape adds them; exported by the application as well they
//! come back as `exported_instance`, or clash. So they are not in an exposition, and no metric may declare them. What
//! nobody scrapes has to say itself who it is: a push puts `service` and `instance` in its grouping key.
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

use std::fmt;
use std::sync::OnceLock;

/// The service, the instance and the version that run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    service: String,
    instance: Option<String>,
    version: Option<String>,
}

impl Identity {
    /// The service `service`, such as `lake`: what all its instances have in common.
    #[must_use]
    pub fn new(service: impl Into<String>) -> Self {
        Self {
            service: service.into(),
            instance: None,
            version: None,
        }
    }

    /// Which of the service's instances it is: the name of a machine or of a pod. A batch job that runs now here, now
    /// there has none, or each run would leave a group of its own on a Pushgateway.
    #[must_use]
    pub fn instance(mut self, instance: impl Into<String>) -> Self {
        self.instance = Some(instance.into());
        self
    }

    /// The version that runs, as a rule `env!("CARGO_PKG_VERSION")`.
    #[must_use]
    pub fn version(mut self, version: impl Into<String>) -> Self {
        self.version = Some(version.into());
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

static IDENTITY: OnceLock<Identity> = OnceLock::new();

/// Says who this process is. Once, at start: before the first push is built and before the first scrape.
///
/// # Errors
///
/// If it was said before, and if a part of it is empty.
pub fn set(identity: Identity) -> Result<(), SetError> {
    if let Some(part) = identity.empty_part() {
        return Err(SetError(Cause::Empty(part)));
    }
    let already = |_| {
        SetError(Cause::Already(
            get().map(Identity::service).unwrap_or_default(),
        ))
    };
    IDENTITY.set(identity).map_err(already)
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
}

impl fmt::Display for SetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Cause::Already(service) => write!(
                f,
                "the identity is `{service}` already, it is set once at start"
            ),
            Cause::Empty(part) => write!(f, "the {part} of the identity is empty"),
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
