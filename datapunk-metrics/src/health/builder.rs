//! Checks that are not running yet.

use core::fmt::{self, Display};
use core::future::Future;
use core::time::Duration;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::check::{Check, CheckResult};
use super::state::{AGGREGATE, Aggregate, Shared};
use super::{Health, Running};
use crate::registry::{RegisterError, register};
use crate::standard::ServiceHealthMetrics;

/// Checks that are not running yet; made by [`Health::builder`].
#[derive(Debug)]
#[must_use = "checks run once they are started"]
pub struct Builder {
    interval: Duration,
    aggregate: Aggregate,
    checks: Vec<Check>,
}

impl Builder {
    pub(super) fn new() -> Self {
        Self {
            interval: Duration::from_secs(10),
            aggregate: Aggregate::Worst,
            checks: Vec::new(),
        }
    }

    /// The time from one run of a check to the next, ten seconds unless given. What dies is seen within it, and within
    /// the time that its check takes.
    pub fn interval(mut self, interval: Duration) -> Self {
        self.interval = interval;
        self
    }

    /// What `aggregate` is; the worst of all unless given.
    pub fn aggregate(mut self, aggregate: Aggregate) -> Self {
        self.aggregate = aggregate;
        self
    }

    /// Adds a check that waits for something without holding a thread. It is dropped when `timeout` is over.
    ///
    /// `name` is its `check_type`.
    pub fn check<F, R>(
        mut self,
        name: &'static str,
        timeout: Duration,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = R> + Send + 'static,
        R: CheckResult,
    {
        self.checks.push(Check::asynchronous(name, timeout, check));
        self
    }

    /// Adds a check that blocks its thread, one of the runtime's blocking pool. When `timeout` is over it goes on, because
    /// a thread can't be interrupted, and is not run again until it has ended.
    pub fn blocking_check<R: CheckResult>(
        mut self,
        name: &'static str,
        timeout: Duration,
        check: impl Fn() -> R + Send + Sync + 'static,
    ) -> Self {
        self.checks.push(Check::blocking(name, timeout, check));
        self
    }

    /// Starts the checks on the current tokio runtime, and adds their metrics to the
    /// [registry of the program](crate::registry()).
    ///
    /// # Errors
    ///
    /// If there is no runtime, two checks of one name or one named `aggregate`, if the interval is 0 or shorter
    /// than the time of a check, or if another set of the program has a metric of the same name.
    pub fn start(self) -> Result<Health, StartError> {
        let runtime = Handle::try_current().map_err(|_| StartError::NoRuntime)?;
        self.is_right()?;
        register::<ServiceHealthMetrics>()?;
        let names = self.checks.iter().map(|check| check.name).collect();
        let shared = Arc::new(Shared::new(names, self.aggregate));
        if self.checks.is_empty() {
            shared.show_all();
        }
        let mut tasks = JoinSet::new();
        for (at, check) in self.checks.into_iter().enumerate() {
            let shared = Arc::clone(&shared);
            tasks.spawn_on(repeat(self.interval, check, at, shared), &runtime);
        }
        Ok(Health(Arc::new(Running {
            shared,
            _tasks: tasks,
        })))
    }

    fn is_right(&self) -> Result<(), StartError> {
        for (at, check) in self.checks.iter().enumerate() {
            let name = check.name;
            let is_known = |known: &Check| known.name == name;
            if name == AGGREGATE || self.checks[..at].iter().any(is_known) {
                return Err(StartError::NameTaken(name));
            }
            if check.timeout > self.interval || self.interval.is_zero() {
                return Err(StartError::TooShort {
                    interval: self.interval,
                    check: name,
                    timeout: check.timeout,
                });
            }
        }
        Ok(())
    }
}

async fn repeat(every: Duration, check: Check, at: usize, shared: Arc<Shared>) {
    let mut ticks = interval(every);
    // After a pause of the machine one run is enough.
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        shared.found(at, check.run().await);
    }
}

/// Why checks did not start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartError {
    /// No tokio runtime runs here.
    NoRuntime,
    /// Two checks have this name, or it is `aggregate`.
    NameTaken(&'static str),
    /// A check may take longer than the interval, or the interval is 0.
    TooShort {
        /// The interval.
        interval: Duration,
        /// The check.
        check: &'static str,
        /// The time that it may take.
        timeout: Duration,
    },
    /// Another set has a metric of the same name.
    Register(RegisterError),
}

impl From<RegisterError> for StartError {
    fn from(error: RegisterError) -> Self {
        Self::Register(error)
    }
}

impl Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoRuntime => f.write_str(
                "health checks start outside of a tokio runtime\n\
                 help: start them in an async function",
            ),
            Self::NameTaken(AGGREGATE) => write!(
                f,
                "a health check is named `{AGGREGATE}`, which is the name of all of them together"
            ),
            Self::NameTaken(name) => write!(f, "two health checks are named `{name}`"),
            Self::TooShort {
                interval,
                check,
                timeout,
            } => write!(
                f,
                "health check `{check}` may take {timeout:?}, and is to run every {interval:?}\n\
                 help: give it less time, or all checks a longer interval"
            ),
            Self::Register(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for StartError {}
