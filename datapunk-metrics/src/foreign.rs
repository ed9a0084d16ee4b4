//! What was offered to an exposition by others and is not in it.

use std::fmt;

use crate::privacy::mask;
use crate::{Counter, LabelSet, LabelValue, MetricSet};

/// Whose a family is that no metric set declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum Origin {
    /// An attached registry of the crate `prometheus-client`.
    PrometheusClient,
    /// The recorder of the facade `metrics`.
    Metrics,
}

/// Why something is not in an exposition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum Reason {
    /// A scraper does not read the name of the metric.
    Name,
    /// Another metric has the name, or one of the names that its samples have.
    Taken,
    /// A label has a name that a scraper does not read or that belongs to the format, or is there twice.
    Label,
    /// The series is there already.
    Twice,
    /// The value can't be: a counter below 0, buckets out of order.
    Value,
    /// What was written can't be read.
    Unreadable,
    /// The code that collects it panicked.
    Panicked,
}

/// Labels of what is left out.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct RefusalLabels {
    /// Whose it is.
    pub origin: Origin,
    /// Why.
    pub reason: Reason,
}

/// What was offered to expositions by others and was left out of them.
///
/// The registry of the program has the set, and so has every registry to which another one is attached.
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "datapunk_metrics", crate = crate)]
pub struct ForeignMetrics {
    /// Metrics and series of others that an exposition left out, by whose they are and why; counted at each exposition.
    pub foreign_refused_total: Counter<RefusalLabels>,
    /// Texts of attached registries that an exposition masked, because they hold secrets or personal data; counted at each
    /// exposition.
    pub foreign_texts_masked_total: Counter,
}

/// A metric or a series of somebody else that is not in an exposition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    origin: Origin,
    metric: String,
    reason: Reason,
}

impl Refusal {
    pub(crate) fn new(origin: Origin, metric: &str, reason: Reason) -> Self {
        Self {
            origin,
            metric: mask(metric).into_owned(),
            reason,
        }
    }

    /// Whose it is.
    #[must_use]
    pub const fn origin(&self) -> Origin {
        self.origin
    }

    /// The metric; empty if it is not known which.
    #[must_use]
    pub fn metric(&self) -> &str {
        &self.metric
    }

    /// Why.
    #[must_use]
    pub const fn reason(&self) -> Reason {
        self.reason
    }

    /// Counts it.
    pub(crate) fn count(&self) {
        let labels = RefusalLabels {
            origin: self.origin,
            reason: self.reason,
        };
        let refused = ForeignMetrics::METRICS.foreign_refused_total;
        refused.with(labels).inc();
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match self.origin {
            Origin::PrometheusClient => "a `prometheus_client` registry",
            Origin::Metrics => "the facade `metrics`",
        };
        let metric = self.metric.escape_debug();
        match self.reason {
            Reason::Panicked => return write!(f, "{whose} is left out: its code panicked"),
            Reason::Unreadable => {
                return write!(
                    f,
                    "a line of {whose} is left out: it can't be read: `{metric}`"
                );
            }
            Reason::Label | Reason::Twice | Reason::Value => {
                write!(f, "a series of metric `{metric}` of {whose} is left out: ")?;
            }
            Reason::Name | Reason::Taken => {
                write!(f, "metric `{metric}` of {whose} is left out: ")?;
            }
        }
        f.write_str(match self.reason {
            Reason::Name => {
                "a scraper does not read the name\n\
                 help: name it with letters, digits and `_`, and do not begin with a digit"
            }
            Reason::Taken => {
                "another metric has the name, or samples of that name\n\
                 help: rename one of the two, or give the other registry a prefix"
            }
            Reason::Label => {
                "a label is named twice, or for the format\n\
                 help: name labels with letters, digits and `_`, but not `le`, `quantile` or `__…`"
            }
            Reason::Twice => "it is there already\nhelp: register the metric once",
            _ => {
                "its value can't be\n\
                 help: a counter does not fall below 0, bounds of buckets rise"
            }
        })
    }
}
