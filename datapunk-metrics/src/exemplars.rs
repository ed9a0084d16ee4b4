//! Exemplars: with a sample, the trace of one call that it counts.
//!
//! A slow bucket says that calls are slow, its exemplar which one was. They are recorded where a site asks for it, with
//! `observe_with_exemplar`, `inc_with_exemplar` and `add_with_exemplar`; other recordings are what they are without
//! the feature.
//!
//! ```
//! use std::time::Duration;
//!
//! use datapunk_metrics::encode::{Format, encode};
//! use datapunk_metrics::exemplars::{self, Trace};
//! use datapunk_metrics::{Histogram, MetricSet, Registry, Seconds};
//!
//! #[derive(MetricSet)]
//! #[metrics(namespace = "observatory")]
//! struct ObservatoryMetrics {
//!     /// Time taken by a picture.
//!     #[metric(buckets = [0.1, 1])]
//!     picture_duration_seconds: Histogram<Seconds>,
//! }
//! const OBSERVATORY: ObservatoryMetrics = ObservatoryMetrics::METRICS;
//!
//! // Where the current trace is known from; with the feature `opentelemetry`, `exemplars::opentelemetry::current`.
//! exemplars::set_source(|| Some(Trace::new(0x4bf9_2f35_77b3_4da6_a3ce_929d_0e0e_4736, 0x00f0_67aa_0ba9_02b7)))?;
//!
//! OBSERVATORY.picture_duration_seconds.observe_with_exemplar(Duration::from_millis(750));
//!
//! let registry = Registry::new();
//! registry.register::<ObservatoryMetrics>()?;
//! let text = encode(&registry, Format::OpenMetrics)?;
//! assert!(text.contains(
//!     "picture_duration_seconds_bucket{le=\"1.0\"} 1 # \
//!      {trace_id=\"4bf92f3577b34da6a3ce929d0e0e4736\",span_id=\"00f067aa0ba902b7\"} 0.75 "
//! ));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! - **What is shown**: the identifiers of a trace and of a span, nothing else. So an exemplar has 63 characters where
//!   OpenMetrics allows 128, and there is nothing in it to mask.
//! - **Sampled**: each series of a counter and each bucket has one exemplar, replaced once a second at most. The source
//!   is asked only then, and decides which traces are worth it: one that is not kept leads nowhere.
//! - **Where**: in OpenMetrics and protobuf. Prometheus keeps them with `--enable-feature=exemplar-storage`.
//! - **Cost**: what the recording costs, a clock, and a look-up under a lock that is not waited for. Another thread that
//!   has it costs this exemplar, never the sample.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, TryLockError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use crate::cells::Storage;
use crate::collect::foreign::Exemplar;
use crate::labels::FOLDED;

#[cfg(feature = "opentelemetry")]
pub mod opentelemetry;

/// A trace, and the span of it in which something was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trace {
    trace: u128,
    span: u64,
}

impl Trace {
    /// The trace `trace` and its span `span`, as the W3C's trace context numbers them.
    #[must_use]
    pub const fn new(trace: u128, span: u64) -> Self {
        Self { trace, span }
    }
}

/// Tells the current trace; none if there is none, or if it is not kept.
pub type Source = fn() -> Option<Trace>;

static SOURCE: OnceLock<Source> = OnceLock::new();

/// Says once, at start, where the current trace is known from. Without a source there are no exemplars.
///
/// # Errors
///
/// If it was said before.
pub fn set_source(source: Source) -> Result<(), SetSourceError> {
    SOURCE.set(source).map_err(|_| SetSourceError(()))
}

/// A source that was not set, because there is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetSourceError(());

impl fmt::Display for SetSourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the source of exemplars is set already, it is set once at start")
    }
}

impl std::error::Error for SetSourceError {}

/// How long an exemplar stays before another one takes its place.
pub(crate) const STAY: Duration = Duration::from_secs(1);

/// Metrics whose exemplars are under one lock.
const SHARDS: usize = 16;

/// By the metric's cells, by the place of the cell among them.
static SHARDED: [Mutex<Metrics>; SHARDS] = [const { Mutex::new(None) }; SHARDS];

type Metrics = Option<HashMap<usize, Cells>>;
type Cells = HashMap<usize, Recorded>;

/// The exemplar of one cell.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Recorded {
    trace: Trace,
    value: f64,
    at: Instant,
    time: SystemTime,
}

/// Records the current trace with a cell that `value` was just recorded in, if the cell's exemplar is old enough.
pub(crate) fn record(storage: &'static Storage, cell: usize, value: f64) {
    let Some(source) = SOURCE.get() else { return };
    let metric = address(storage);
    // Also of a sample that is counted in the series for what has no room.
    let cell = cell & (FOLDED - 1);
    let now = Instant::now();
    let is_due = |cells: &mut Cells| {
        let last = cells.get(&cell);
        last.is_none_or(|last| now.saturating_duration_since(last.at) >= STAY)
    };
    if with_cells(metric, is_due) != Some(true) {
        return;
    }
    // Called without the lock, so that it may record too.
    let Some(trace) = source() else { return };
    let recorded = Recorded {
        trace,
        value,
        at: now,
        time: SystemTime::now(),
    };
    with_cells(metric, |cells| cells.insert(cell, recorded));
}

/// What `work` makes of the exemplars of a metric; none if another thread is at them.
fn with_cells<R>(metric: usize, work: impl FnOnce(&mut Cells) -> R) -> Option<R> {
    let mut metrics = match shard(metric).try_lock() {
        Ok(metrics) => metrics,
        Err(TryLockError::Poisoned(metrics)) => metrics.into_inner(),
        Err(TryLockError::WouldBlock) => return None,
    };
    let cells = metrics.get_or_insert_default().entry(metric).or_default();
    Some(work(cells))
}

/// Whether a metric has exemplars.
pub(crate) fn has(storage: &'static Storage) -> bool {
    SOURCE.get().is_some() && !of(storage).is_empty()
}

/// The exemplars of a metric, by cell; empty if it has none.
pub(crate) fn of(storage: &'static Storage) -> HashMap<usize, Recorded> {
    let metric = address(storage);
    let metrics = shard(metric).lock();
    let metrics = metrics.unwrap_or_else(std::sync::PoisonError::into_inner);
    let cells = metrics.as_ref().and_then(|metrics| metrics.get(&metric));
    cells.cloned().unwrap_or_default()
}

fn shard(metric: usize) -> &'static Mutex<Metrics> {
    // A metric's cells begin at a multiple of 8, and have some 40 bytes at least.
    &SHARDED[(metric >> 5) % SHARDS]
}

fn address(storage: &'static Storage) -> usize {
    std::ptr::from_ref(storage).cast::<()>().addr()
}

impl Recorded {
    pub(crate) fn exemplar(&self) -> Exemplar {
        let time = self.time.duration_since(UNIX_EPOCH);
        Exemplar {
            labels: vec![
                ("trace_id".to_owned(), format!("{:032x}", self.trace.trace)),
                ("span_id".to_owned(), format!("{:016x}", self.trace.span)),
            ],
            value: self.value,
            timestamp: time.ok().map(|time| time.as_secs_f64()),
        }
    }
}
