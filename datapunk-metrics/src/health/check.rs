//! One check: what it runs, and what came of it.

use core::fmt::{self, Display};
use core::future::Future;
use core::pin::Pin;
use core::sync::atomic::{AtomicBool, Ordering};
use core::time::Duration;
use std::sync::Arc;

use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::privacy::mask;

/// What a check found: a number between 0 (dead) and 1 (well) and, where it is not 1, why.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    value: f64,
    reason: Option<String>,
}

impl Status {
    /// All is well.
    pub const WELL: Self = Self {
        value: 1.0,
        reason: None,
    };

    /// A status with a reason, in which secrets and personal data are [masked](crate::privacy::mask): the error of a driver
    /// may hold the address that it was given. The value is taken between 0 and 1, and one that is not a number as 0.
    #[must_use]
    pub fn new(value: f64, reason: impl Display) -> Self {
        Self {
            reason: Some(mask(&reason.to_string()).into_owned()),
            ..Self::from_value(value)
        }
    }

    /// Dead, and why.
    #[must_use]
    pub fn dead(reason: impl Display) -> Self {
        Self::new(0.0, reason)
    }

    /// The number.
    #[must_use]
    pub const fn value(&self) -> f64 {
        self.value
    }

    /// Why it is what it is.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        self.reason.as_deref()
    }

    fn from_value(value: f64) -> Self {
        let value = if value.is_nan() { 0.0 } else { value };
        Self {
            value: value.clamp(0.0, 1.0),
            reason: None,
        }
    }
}

/// What a check may return.
///
/// | type | status |
/// |---|---|
/// | `()` | 1 |
/// | `bool` | 1 or 0 |
/// | `f64` | itself, between 0 and 1 |
/// | [`Status`] | itself |
/// | `Result<T, E>` | that of the value; 0 for an error, which is the reason |
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the result of a health check",
    label = "not the result of a check",
    note = "a check returns `()`, `bool`, `f64`, `Status`, or a `Result` of one with an error that implements `Display`"
)]
pub trait CheckResult {
    /// The status.
    fn into_status(self) -> Status;
}

impl CheckResult for Status {
    fn into_status(self) -> Status {
        self
    }
}

impl CheckResult for () {
    fn into_status(self) -> Status {
        Status::WELL
    }
}

impl CheckResult for bool {
    fn into_status(self) -> Status {
        Status::from_value(f64::from(u8::from(self)))
    }
}

impl CheckResult for f64 {
    fn into_status(self) -> Status {
        Status::from_value(self)
    }
}

impl<T: CheckResult, E: Display> CheckResult for Result<T, E> {
    fn into_status(self) -> Status {
        match self {
            Ok(value) => value.into_status(),
            Err(error) => Status::dead(error),
        }
    }
}

type Running = Pin<Box<dyn Future<Output = Status> + Send>>;

/// A named check.
pub(super) struct Check {
    pub(super) name: &'static str,
    pub(super) timeout: Duration,
    run: Arc<dyn Fn() -> Running + Send + Sync>,
}

impl Check {
    /// A check that waits without holding a thread.
    pub(super) fn asynchronous<F, R>(
        name: &'static str,
        timeout: Duration,
        check: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = R> + Send + 'static,
        R: CheckResult,
    {
        let run = move || {
            let check = check();
            Box::pin(async move { check.await.into_status() }) as Running
        };
        Self {
            name,
            timeout,
            run: Arc::new(run),
        }
    }

    /// A check that holds a thread of the blocking pool. A thread can't be interrupted, so one that hangs goes on; there
    /// is no second one beside it.
    pub(super) fn blocking<R: CheckResult>(
        name: &'static str,
        timeout: Duration,
        check: impl Fn() -> R + Send + Sync + 'static,
    ) -> Self {
        let check = Arc::new(check);
        let is_busy = Arc::new(AtomicBool::new(false));
        let run = move || {
            if is_busy.swap(true, Ordering::Acquire) {
                let hangs = Status::dead("the last run has not ended yet");
                return Box::pin(core::future::ready(hangs)) as Running;
            }
            let (check, busy) = (Arc::clone(&check), Busy(Arc::clone(&is_busy)));
            let task = tokio::task::spawn_blocking(move || {
                let _busy = busy;
                check().into_status()
            });
            Box::pin(async move { task.await.unwrap_or_else(Status::dead) })
        };
        Self {
            name,
            timeout,
            run: Arc::new(run),
        }
    }

    /// Runs the check to its end, or to that of its time.
    pub(super) async fn run(&self) -> Status {
        // A task of its own, which a panic ends, and which is stopped when it is dropped.
        let mut task = JoinSet::new();
        let run = Arc::clone(&self.run);
        task.spawn(async move { run().await });
        match timeout(self.timeout, task.join_next()).await {
            Ok(Some(Ok(status))) => status,
            Ok(Some(Err(error))) => Status::dead(error),
            Ok(None) | Err(_) => Status::dead(format_args!("not within {:?}", self.timeout)),
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Check")
            .field("name", &self.name)
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

/// A check that holds a thread.
struct Busy(Arc<AtomicBool>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}
