//! Push: the metrics of a job that ends before it is scraped, sent to a Pushgateway.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use datapunk_metrics::push::Pushgateway;
//!
//! # fn work() {}
//! let gateway = Pushgateway::builder("http://127.0.0.1:9091", "nightly_load")
//!     .grouping("instance", "worker-3")
//!     .timeout(Duration::from_secs(5))
//!     .build()?;
//! work();
//! gateway.push()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! In async code it is `gateway.push_async().await`; on a runtime's thread [`push`](Pushgateway::push) would hold up other
//! tasks. A job that runs for a while pushes again and again, and once more at its end:
//!
//! ```no_run
//! # use std::time::Duration;
//! # use datapunk_metrics::push::Pushgateway;
//! # fn work() {}
//! # let gateway = Pushgateway::builder("http://127.0.0.1:9091", "nightly_load").build()?;
//! let periodic = gateway.every(Duration::from_secs(15))?;
//! work();
//! periodic.shutdown()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is sent, and what is an answer
//!
//! - Text 0.0.4, to `/metrics/job/<job>/<label>/<value>…`: Pushgateway takes OpenMetrics too, but makes counters untyped.
//!   A metric's own label loses against a grouping label of that name.
//! - 200 and 202 are success. After a 5xx, a 429 or a connection that fails or breaks there is another try, with a pause
//!   that grows and has jitter, or that `Retry-After` asks for, up to a minute. Any other answer is final: the same body
//!   would be refused again. Tries and time are bounded ([`Builder::tries`], [`Builder::total_timeout`]).
//! - Redirects are not followed, proxies of the environment are not used: credentials go where you said, nowhere else.
//! - Of a refusal no more than 8 KiB is read.
//! - Recording never waits for a push. What a push sends is what was recorded when it began.
//! - Grouping keys are [masked](crate::privacy::mask): two groups whose keys differ only in a secret are one.
//! - An error says what was wrong and what to do. No error and no `Debug` shows a password or a token, not even where a
//!   server sends it back.
//!
//! [`PushMetrics`] counts pushes and their failures.

mod builder;
mod error;
mod group;
mod http;
mod metrics;
mod periodic;
mod retry;

use std::fmt;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use http::Authorization;
use metrics::Recording;
use retry::{Attempts, Limits, Step};
use tokio::sync::watch;

use crate::encode::{Format, encode};
use crate::privacy::mask;
use crate::registry::{Registry, registry};

pub use builder::{BuildError, Builder, Method};
pub use error::{PushCause, PushError};
pub use metrics::{Operation, PushLabels, PushMetrics, TryFault, TryLabels};
pub use periodic::{Periodic, PeriodicTask};

/// A group of metrics on a Pushgateway, and how to get there. Clones are cheap and share it.
#[derive(Clone)]
pub struct Pushgateway {
    target: Arc<Target>,
}

/// What all clones share.
struct Target {
    agent: ureq::Agent,
    url: String,
    method: Method,
    authorization: Option<Authorization>,
    limits: Limits,
    source: Source,
}

/// Where the metrics are.
enum Source {
    Program,
    Own(Arc<Registry>),
}

impl Pushgateway {
    /// The group of `job` on the Pushgateway at `url`, such as `http://127.0.0.1:9091` or, with the feature `push-tls`,
    /// `https://push.example.org/prefix`.
    pub fn builder(url: &str, job: &str) -> Builder {
        Builder::new(url, job)
    }

    /// The address of the group.
    ///
    /// ```
    /// use datapunk_metrics::push::Pushgateway;
    ///
    /// let gateway = Pushgateway::builder("http://127.0.0.1:9091", "nightly_load")
    ///     .grouping("volume", "/data")
    ///     .build()?;
    /// assert_eq!(gateway.url(), "http://127.0.0.1:9091/metrics/job/nightly_load/volume@base64/L2RhdGE=");
    /// # Ok::<(), datapunk_metrics::push::BuildError>(())
    /// ```
    #[must_use]
    pub fn url(&self) -> &str {
        &self.target.url
    }

    /// Sends all metrics. It takes as long as [`Builder::total_timeout`] at most.
    ///
    /// # Errors
    ///
    /// If the Pushgateway refuses them or no try gets through, and if they can't be encoded.
    pub fn push(&self) -> Result<(), PushError> {
        self.run(Operation::Push, sleep)
    }

    /// Deletes the group, all that was pushed to it included.
    ///
    /// Metrics stay on a Pushgateway until somebody deletes them, also those of a job that is no more.
    ///
    /// # Errors
    ///
    /// If the Pushgateway refuses it or no try gets through.
    pub fn delete(&self) -> Result<(), PushError> {
        self.run(Operation::Delete, sleep)
    }

    /// [`push`](Self::push) for async code. Needs a tokio runtime whose time is enabled.
    ///
    /// If the future is dropped, a try under way still ends, on the runtime's blocking pool.
    ///
    /// # Errors
    ///
    /// As [`push`](Self::push).
    pub async fn push_async(&self) -> Result<(), PushError> {
        self.run_async(Operation::Push, None).await
    }

    /// [`delete`](Self::delete) for async code.
    ///
    /// # Errors
    ///
    /// As [`delete`](Self::delete).
    pub async fn delete_async(&self) -> Result<(), PushError> {
        self.run_async(Operation::Delete, None).await
    }

    /// Tries until there is a final answer. `pause` waits, and tells whether to go on.
    fn run(
        &self,
        operation: Operation,
        mut pause: impl FnMut(Duration) -> bool,
    ) -> Result<(), PushError> {
        let recording = Recording::begin(operation);
        let failed = |tries, cause| Err(self.failed(operation, tries, cause));
        let body = match self.target.body(operation) {
            Ok(body) => body,
            Err(cause) => return recording.end(failed(0, cause)),
        };
        let mut attempts = Attempts::begin(self.target.limits);
        loop {
            let answer = http::exchange(&self.target, operation, &body, attempts.next_timeout());
            let cause = match attempts.after(answer) {
                Step::Done => return recording.end(Ok(())),
                Step::Wait(time) if pause(time) => continue,
                Step::Wait(_) => PushCause::Stopped,
                Step::GiveUp(cause) => cause,
            };
            return recording.end(failed(attempts.tries(), cause));
        }
    }

    /// As [`run`](Self::run); a `true` in `stop` ends a pause.
    async fn run_async(
        &self,
        operation: Operation,
        mut stop: Option<watch::Receiver<bool>>,
    ) -> Result<(), PushError> {
        let recording = Recording::begin(operation);
        let failed = |tries, cause| Err(self.failed(operation, tries, cause));
        let target = Arc::clone(&self.target);
        let body = match blocking(move || target.body(operation)).await {
            Some(Ok(body)) => Arc::new(body),
            Some(Err(cause)) => return recording.end(failed(0, cause)),
            None => return recording.end(failed(0, PushCause::Stopped)),
        };
        let mut attempts = Attempts::begin(self.target.limits);
        loop {
            let (target, body) = (Arc::clone(&self.target), Arc::clone(&body));
            let timeout = attempts.next_timeout();
            let answer = blocking(move || http::exchange(&target, operation, &body, timeout)).await;
            let cause = match answer.map(|answer| attempts.after(answer)) {
                Some(Step::Done) => return recording.end(Ok(())),
                Some(Step::Wait(time)) if periodic::pause(time, stop.as_mut()).await => continue,
                Some(Step::Wait(_)) | None => PushCause::Stopped,
                Some(Step::GiveUp(cause)) => cause,
            };
            return recording.end(failed(attempts.tries(), cause));
        }
    }

    fn failed(&self, operation: Operation, tries: u32, cause: PushCause) -> PushError {
        PushError {
            operation,
            url: mask(&self.target.url).into_owned(),
            tries,
            cause,
        }
    }
}

impl Target {
    /// What is sent.
    fn body(&self, operation: Operation) -> Result<String, PushCause> {
        if operation == Operation::Delete {
            return Ok(String::new());
        }
        let registry = match &self.source {
            Source::Program => registry().map_err(|error| PushCause::Register(Box::new(error)))?,
            Source::Own(registry) => registry,
        };
        encode(registry, Format::Text).map_err(PushCause::Collect)
    }
}

impl fmt::Debug for Pushgateway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pushgateway")
            .field("url", &mask(&self.target.url))
            .field("method", &self.target.method)
            .field("authorization", &self.target.authorization)
            .finish_non_exhaustive()
    }
}

fn sleep(time: Duration) -> bool {
    thread::sleep(time);
    true
}

/// Runs `work` on the blocking pool; `None` if the runtime is being shut down. A panic goes on in the caller.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => Some(value),
        Err(error) => {
            if let Ok(panic) = error.try_into_panic() {
                std::panic::resume_unwind(panic);
            }
            None
        }
    }
}

#[cfg(test)]
mod tests;
