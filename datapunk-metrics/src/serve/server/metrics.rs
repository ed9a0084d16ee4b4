//! What the server counts, beside the scrapes.

use crate::{Counter, Gauge, LabelSet, LabelValue, MetricSet};

/// Why a connection was closed by the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum Closed {
    /// TLS could not be agreed on: a version, a certificate, no TLS at all.
    Tls,
    /// What came was no HTTP request, or one that is too large.
    Malformed,
    /// The header took too long.
    SlowHeader,
    /// The answer took too long.
    SlowRequest,
    /// The client took nothing of what it was sent.
    SlowReader,
    /// There was no further request.
    Idle,
    /// There were too many connections, and this one had not had an answer yet or had been idle for longest.
    Crowded,
    /// An answer was not taken when the server stopped.
    Stopped,
}

/// Labels of a closed connection.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct ClosedLabels {
    /// Why.
    pub reason: Closed,
}

/// How somebody proves who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum Scheme {
    /// Not at all.
    None,
    /// With a user name and a password.
    Basic,
    /// With a token.
    Bearer,
    /// With a certificate.
    Certificate,
}

/// How it ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum Login {
    /// They are known.
    Accepted,
    /// They are not.
    Refused,
    /// There were too many at once to find out.
    Limited,
}

/// Labels of a login.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct LoginLabels {
    /// How somebody proves who they are.
    pub scheme: Scheme,
    /// How it ended.
    pub result: Login,
}

/// What became of a configuration file that was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, LabelValue)]
#[label(crate = crate)]
#[non_exhaustive]
pub enum Reload {
    /// It is in force.
    Applied,
    /// It is wrong, and the one before it stays in force.
    Refused,
}

/// Labels of a configuration that was read.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct ReloadLabels {
    /// What became of it.
    pub result: Reload,
}

/// What the server counts, beside [`ScrapeMetrics`](crate::serve::ScrapeMetrics). The registry that it serves is given
/// both.
///
/// ```
/// use datapunk_metrics::MetricSet;
/// use datapunk_metrics::serve::ServerMetrics;
///
/// assert_eq!(ServerMetrics::METRICS.server_accept_failures_total.get(), 0);
/// ```
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "datapunk_metrics", unlinked, crate = crate)]
pub struct ServerMetrics {
    /// Connections that are open.
    #[metric(initial = 0)]
    pub server_connections_current: Gauge,
    /// Connections that the server closed, by reason.
    pub server_connections_closed_total: Counter<ClosedLabels>,
    /// Times that no connection could be accepted, mostly for want of file descriptors.
    pub server_accept_failures_total: Counter,
    /// Logins, by scheme and result.
    pub server_logins_total: Counter<LoginLabels>,
    /// Requests beyond the rate limit.
    pub server_requests_limited_total: Counter,
    /// Changes of the configuration files, by result.
    pub server_configuration_changes_total: Counter<ReloadLabels>,
    /// Audit events that were not written to the file.
    pub server_audit_events_lost_total: Counter,
}

pub(super) const SERVER: ServerMetrics = ServerMetrics::METRICS;

/// Counts a closed connection.
pub(super) fn closed(reason: Closed) {
    SERVER
        .server_connections_closed_total
        .with(ClosedLabels { reason })
        .inc();
}
