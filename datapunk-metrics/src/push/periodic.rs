//! Pushing again and again until a shutdown, and once more then.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::push::metrics::Operation;
use crate::push::{PushCause, PushError, Pushgateway};

impl Pushgateway {
    /// Pushes every `interval` from a thread of its own, until the handle is shut down or dropped.
    ///
    /// The first push comes after a random part of the interval, and each interval is up to a tenth shorter or longer, so
    /// that programs that start together do not push together. A push that fails is counted and kept for
    /// [`Periodic::last_error`]; the next one comes all the same. Pushes do not overlap.
    ///
    /// # Errors
    ///
    /// If the system has no thread left.
    pub fn every(&self, interval: Duration) -> io::Result<Periodic> {
        let shared = Arc::new(Shared::default());
        let (gateway, its) = (self.clone(), Arc::clone(&shared));
        let thread = thread::Builder::new()
            .name("metrics-push".to_owned())
            .spawn(move || {
                let mut wait = first(interval);
                while !its.is_stopped_within(wait) {
                    let started = Instant::now();
                    let pushed = gateway.run(Operation::Push, |time| !its.is_stopped_within(time));
                    its.last_error.keep(pushed);
                    wait = jittered(interval).saturating_sub(started.elapsed());
                }
                gateway.push()
            })?;
        Ok(Periodic {
            shared,
            thread: Some(thread),
        })
    }

    /// [`every`](Self::every) as a task of the tokio runtime that the caller runs on, until the handle is shut down or
    /// dropped.
    ///
    /// ```no_run
    /// # use std::time::Duration;
    /// # use datapunk_metrics::push::Pushgateway;
    /// # async fn work() {}
    /// # async fn run(gateway: Pushgateway) -> Result<(), datapunk_metrics::push::PushError> {
    /// let periodic = gateway.every_async(Duration::from_secs(15));
    /// work().await;
    /// periodic.shutdown().await
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    #[must_use = "it stops when it is dropped"]
    pub fn every_async(&self, interval: Duration) -> PeriodicTask {
        let (stop, mut stopped) = watch::channel(false);
        let last_error = Arc::new(LastError::default());
        let (gateway, its_last_error) = (self.clone(), Arc::clone(&last_error));
        let task = tokio::spawn(async move {
            let mut wait = first(interval);
            while pause(wait, Some(&mut stopped)).await {
                let started = Instant::now();
                let pushed = gateway.run_async(Operation::Push, Some(stopped.clone()));
                its_last_error.keep(pushed.await);
                wait = jittered(interval).saturating_sub(started.elapsed());
            }
            gateway.push_async().await
        });
        PeriodicTask {
            gateway: self.clone(),
            stop,
            last_error,
            task,
        }
    }
}

/// A thread that pushes. Dropping it is a shutdown whose result nobody sees.
#[derive(Debug)]
#[must_use = "it stops when it is dropped"]
pub struct Periodic {
    shared: Arc<Shared>,
    /// There until the shutdown.
    thread: Option<JoinHandle<Result<(), PushError>>>,
}

#[derive(Debug, Default)]
struct Shared {
    stopped: Mutex<bool>,
    changed: Condvar,
    last_error: LastError,
}

impl Shared {
    /// Waits for the time to pass or for the stop, whichever comes first.
    fn is_stopped_within(&self, time: Duration) -> bool {
        let stopped = lock(&self.stopped);
        let (stopped, _) = self
            .changed
            .wait_timeout_while(stopped, time, |stopped| !*stopped)
            .unwrap_or_else(PoisonError::into_inner);
        *stopped
    }
}

impl Periodic {
    /// Pushes once more and stops.
    ///
    /// A push under way is not tried again but left for the last one, so this takes [`timeout`](super::Builder::timeout)
    /// and [`total_timeout`](super::Builder::total_timeout) together at most.
    ///
    /// # Errors
    ///
    /// If the last push fails.
    pub fn shutdown(mut self) -> Result<(), PushError> {
        self.stop().unwrap_or(Ok(()))
    }

    /// Why the last push failed; nothing if it did not.
    #[must_use]
    pub fn last_error(&self) -> Option<PushError> {
        self.shared.last_error.get()
    }

    fn stop(&mut self) -> Option<Result<(), PushError>> {
        let thread = self.thread.take()?;
        *lock(&self.shared.stopped) = true;
        self.shared.changed.notify_all();
        match thread.join() {
            Ok(result) => Some(result),
            // A second panic while the caller unwinds would end the process.
            Err(_) if thread::panicking() => None,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}

impl Drop for Periodic {
    fn drop(&mut self) {
        // Who wants to see the result shuts down.
        let _ = self.stop();
    }
}

/// A task that pushes. Dropping it tells it to push once more and to end, and does not wait for that.
#[derive(Debug)]
pub struct PeriodicTask {
    gateway: Pushgateway,
    stop: watch::Sender<bool>,
    last_error: Arc<LastError>,
    task: tokio::task::JoinHandle<Result<(), PushError>>,
}

impl PeriodicTask {
    /// Pushes once more and stops.
    ///
    /// # Errors
    ///
    /// If the last push fails, or the runtime is shut down before it.
    pub async fn shutdown(self) -> Result<(), PushError> {
        // The task is gone only if its runtime is.
        let _ = self.stop.send(true);
        match self.task.await {
            Ok(result) => result,
            Err(error) => match error.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(self.gateway.failed(Operation::Push, 0, PushCause::Stopped)),
            },
        }
    }

    /// Why the last push failed; nothing if it did not.
    #[must_use]
    pub fn last_error(&self) -> Option<PushError> {
        self.last_error.get()
    }
}

/// Waits; tells whether to go on. It is not when `stop` says so or its sender is gone.
pub(super) async fn pause(time: Duration, stop: Option<&mut watch::Receiver<bool>>) -> bool {
    let Some(stop) = stop else {
        tokio::time::sleep(time).await;
        return true;
    };
    tokio::time::timeout(time, stop.wait_for(|stop| *stop))
        .await
        .is_err()
}

#[derive(Debug, Default)]
struct LastError(Mutex<Option<PushError>>);

impl LastError {
    fn keep(&self, pushed: Result<(), PushError>) {
        *lock(&self.0) = pushed.err();
    }

    fn get(&self) -> Option<PushError> {
        lock(&self.0).clone()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// When the first push comes.
fn first(interval: Duration) -> Duration {
    scaled(interval, fastrand::f64())
}

/// An interval up to a tenth shorter or longer.
fn jittered(interval: Duration) -> Duration {
    scaled(interval, 0.9 + fastrand::f64() / 5.0)
}

/// `Duration::mul_f64` panics where the product is out of range.
fn scaled(interval: Duration, by: f64) -> Duration {
    Duration::try_from_secs_f64(interval.as_secs_f64() * by).unwrap_or(interval)
}
