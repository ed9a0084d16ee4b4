//! Health checks: is what the service depends on there, and how well is the service?
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use datapunk_metrics::health::Health;
//! use tokio::net::TcpStream;
//!
//! # fn free_share() -> f64 { 0.5 }
//! # async fn run() -> Result<(), datapunk_metrics::health::StartError> {
//! let second = Duration::from_secs(1);
//! let health = Health::builder()
//!     .interval(10 * second)
//!     .check("database", second, || async { TcpStream::connect("127.0.0.1:5432").await.map(drop) })
//!     .blocking_check("disk", second, || if free_share() > 0.1 { 1.0 } else { 0.5 })
//!     .start()?;
//! let app: axum::Router = axum::Router::new().merge(health.router());
//! # Ok(())
//! # }
//! ```
//!
//! A check has a status between 0 (dead) and 1 (well), see [`CheckResult`]. Each runs when the checks start, and then once
//! in an interval, whatever the others do. One that does not end in its time, panics or returns an error has the status
//! 0; it is tried again an interval later.
//!
//! They drive the standard's [`ServiceHealthMetrics`]:
//!
//! | metric | value |
//! |---|---|
//! | `health_status{check_type}` | the last status of a check by its name, and of all together as `aggregate` |
//! | `last_check_timestamp_seconds{check_type}` | when it was found, in Unix time; for `aggregate` the oldest of all, so that a check that hangs shows |
//! | `service_up{}` | 1, or 0 while `aggregate` is 0 and once the checks have stopped |
//!
//! What `aggregate` is, is [chosen](Builder::aggregate): the worst of all (the default) or their mean. With the worst, a
//! check of something that the service can do without is not 0 but, say, 0.5 when it fails. All are absent until each
//! check has ended once. A service without checks is well.
//!
//! `GET /health` answers from the last statuses, without running a check, as
//! [`application/health+json`](https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check):
//!
//! | `status` | answer | aggregate |
//! |---|---|---|
//! | `pass` | 200 | 1 |
//! | `warn` | 200 | between 0 and 1 |
//! | `fail` | 503 | 0, or not known yet |
//!
//! Why a check failed is in [`Health::report`] and not in the answer: errors name hosts and users, and everybody may ask.

mod builder;
mod check;
mod endpoint;
mod state;

use std::sync::Arc;

use tokio::task::JoinSet;

pub use builder::{Builder, StartError};
pub use check::{CheckResult, Status};
pub use state::{Aggregate, CheckReport};

use crate::standard::ServiceHealthMetrics;
use state::Shared;

const METRICS: ServiceHealthMetrics = ServiceHealthMetrics::METRICS;

/// Running health checks. They stop when the last clone is dropped, of which a router has one.
#[derive(Clone, Debug)]
pub struct Health(Arc<Running>);

#[derive(Debug)]
struct Running {
    shared: Arc<Shared>,
    /// One task for each check; they end with it.
    _tasks: JoinSet<()>,
}

impl Health {
    /// Checks that are not running yet, once in ten seconds unless told otherwise.
    pub fn builder() -> Builder {
        Builder::new()
    }

    /// The status of all checks together; none until each has ended once.
    #[must_use]
    pub fn status(&self) -> Option<f64> {
        self.0.shared.aggregate()
    }

    /// What each check found last, in the order in which they were given; those that have not ended yet are left out.
    #[must_use]
    pub fn report(&self) -> Vec<CheckReport> {
        self.0.shared.report()
    }

    /// `GET /health`.
    pub fn router<S: Clone + Send + Sync + 'static>(&self) -> axum::Router<S> {
        endpoint::router(self.clone())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        METRICS.service_up.set(0);
    }
}

#[cfg(test)]
mod tests;
