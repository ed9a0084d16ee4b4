//! Collecting for a scrape, so that a metric that never answers can't take the endpoint with it.
//!
//! Scrape-time functions are code of the service. They run on a thread of their own, one collection at a time, with a
//! limit: one that blocks costs its own scrape and those that come while it does, which are told so at once, and a single
//! thread, however long it lasts.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, oneshot};
use tokio::time::timeout;

use super::body::Pieces;
use super::selection::Selection;
use crate::encode::{Chunks, Writing};
use crate::registry::{Registry, registry};
#[cfg(feature = "server")]
use crate::{MetricSet, RegisterError, register};

/// Where the metrics are.
#[derive(Clone, Debug)]
pub(super) enum Source {
    Program,
    Own(Arc<Registry>),
}

/// What one scrape wants.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) writing: Writing,
    pub(super) gzip: bool,
    pub(super) selection: Selection,
}

/// The beginning of an exposition and what makes the rest.
pub(super) struct Begun {
    pub(super) first: Bytes,
    pub(super) rest: Pieces,
}

/// Why there is no exposition.
#[derive(Debug)]
pub(super) enum Failure {
    /// A function took longer than it may, in this collection or in one before that has not ended.
    TookTooLong(Duration),
    /// Two sets clash, a function panicked, or there is no thread for it.
    Failed(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TookTooLong(limit) => write!(
                f,
                "a function that reads a metric has not returned within {} s",
                limit.as_secs_f64()
            ),
            Self::Failed(error) => f.write_str(error),
        }
    }
}

/// Collects from one source. Clones share its turn.
#[derive(Clone, Debug)]
pub(super) struct Collector {
    source: Source,
    limit: Duration,
    /// Whose turn it is to call scrape-time functions.
    turn: Arc<Semaphore>,
    /// Whether the one whose turn it is has had its time.
    is_late: Arc<AtomicBool>,
}

impl Collector {
    pub(super) fn new(source: Source, limit: Duration) -> Self {
        Self {
            source,
            limit,
            turn: Arc::new(Semaphore::new(1)),
            is_late: Arc::new(AtomicBool::new(false)),
        }
    }

    /// Calls the scrape-time functions and encodes the first piece.
    pub(super) async fn begin(&self, wanted: Wanted) -> Result<Begun, Failure> {
        if self.is_late.load(Ordering::Acquire) {
            return Err(Failure::TookTooLong(self.limit));
        }
        let has_turn = AtomicBool::new(false);
        if let Ok(result) = timeout(self.limit, self.in_turn(wanted, &has_turn)).await {
            return result;
        }
        if has_turn.into_inner() && self.turn.available_permits() == 0 {
            self.is_late.store(true, Ordering::Release);
            // It may have ended just before that was noted.
            if self.turn.available_permits() > 0 {
                self.is_late.store(false, Ordering::Release);
            }
        }
        Err(Failure::TookTooLong(self.limit))
    }

    async fn in_turn(&self, wanted: Wanted, has_turn: &AtomicBool) -> Result<Begun, Failure> {
        let Ok(turn) = Arc::clone(&self.turn).acquire_owned().await else {
            return Err(Failure::Failed("the endpoint has ended".to_owned()));
        };
        has_turn.store(true, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let source = self.source.clone();
        let turn = Turn {
            permit: Some(turn),
            is_late: Arc::clone(&self.is_late),
        };
        // A thread of its own: on the runtime's blocking pool one that never returns would keep the runtime from ending.
        let started = thread::Builder::new()
            .name("metrics-collect".to_owned())
            .spawn(move || {
                let begun = source.begin(&wanted);
                drop(turn);
                // Whoever waited is gone if this came too late.
                let _ = answer.send(begun);
            });
        if let Err(error) = started {
            return Err(Failure::Failed(format!("no thread to collect on: {error}")));
        }
        answered
            .await
            .unwrap_or_else(|_| Err(Failure::Failed("the collection panicked".to_owned())))
    }
}

/// The right to call scrape-time functions; what follows goes on when it is dropped, by a panic too.
struct Turn {
    permit: Option<OwnedSemaphorePermit>,
    is_late: Arc<AtomicBool>,
}

impl Drop for Turn {
    fn drop(&mut self) {
        drop(self.permit.take());
        self.is_late.store(false, Ordering::Release);
    }
}

impl Source {
    /// Shows the metrics of a set as well.
    #[cfg(feature = "server")]
    pub(super) fn register<S: MetricSet>(&self) -> Result<(), RegisterError> {
        match self {
            Self::Program => register::<S>(),
            Self::Own(registry) => registry.register::<S>().map(drop),
        }
    }

    fn begin(&self, wanted: &Wanted) -> Result<Begun, Failure> {
        let whole = match self {
            Self::Program => registry().map_err(|error| Failure::Failed(error.to_string()))?,
            Self::Own(registry) => registry,
        };
        let part = wanted.selection.of(whole);
        let chunks = Chunks::begin(part.as_ref().unwrap_or(whole), wanted.writing)
            .map_err(|error| Failure::Failed(error.to_string()))?;
        let mut rest = Pieces::new(chunks, wanted.gzip);
        let first = rest
            .next()
            .map_err(|error| Failure::Failed(error.to_string()))?;
        Ok(Begun {
            first: first.unwrap_or_default(),
            rest,
        })
    }
}
