//! Instrumented calls: what is recorded when a function is called and when it ends.
//!
//! `#[instrument_metrics]` writes a [`Call`] around the body of a function. Its end is recorded when it is dropped, which
//! a return, a panic and a cancelled future all do.

mod call;
mod returned;

pub use call::{error_label, once, start, start_at, watch};
use returned::Ended;
#[cfg(feature = "serve")]
pub use returned::into_response;
pub use returned::{HttpStatus, ladder};

use core::time::Duration;

use crate::labels::{Literal, Outcome, StatusClass, StatusCode};
use crate::metric::Kept;
use crate::set::MetricSet;

/// The labels of a call that starts.
#[derive(Clone, Copy, Debug)]
pub struct Started<C> {
    /// What is known of the call.
    pub labels: C,
    #[doc(hidden)]
    pub site: Option<At>,
}

impl<C> Started<C> {
    /// A call with such labels.
    #[inline]
    #[must_use]
    pub const fn new(labels: C) -> Self {
        Self { labels, site: None }
    }
}

/// A call that has ended.
#[derive(Clone, Copy, Debug)]
pub struct Completed<C> {
    /// What is known of the call: as when it started, and the labels that come from its error.
    pub labels: C,
    /// How it ended.
    pub outcome: Outcome,
    /// The HTTP status of its answer, see [`HttpStatus`]; 500 if it panicked, 499 if it was cancelled.
    pub status: StatusCode,
    #[doc(hidden)]
    pub site: Option<At>,
}

/// The site of a call.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum At {
    /// In code: the open labels are literals.
    Code(&'static Site),
    /// A route: they are as they were the last time, unless the set makes other ones of it.
    Route(&'static Site),
}

macro_rules! rows {
    ($($role:ident)*) => {
        impl At {$(
            #[inline]
            #[must_use]
            pub const fn $role(self) -> Kept {
                match self {
                    Self::Code(site) => Kept::Literal(&site.$role),
                    Self::Route(site) => Kept::Route(&site.$role),
                }
            }
        )*}
    };
}
rows!(calls duration in_flight request_size);

/// The rows of a call site, for each metric.
#[doc(hidden)]
#[derive(Debug)]
pub struct Site {
    pub calls: Literal,
    pub duration: Literal,
    pub in_flight: Literal,
    pub request_size: Literal,
}

impl Site {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is a static's")]
    pub const fn new() -> Self {
        Self {
            calls: Literal::new(),
            duration: Literal::new(),
            in_flight: Literal::new(),
            request_size: Literal::new(),
        }
    }
}

impl<C> Completed<C> {
    /// A call with such labels that ended so.
    #[inline]
    #[must_use]
    pub const fn new(labels: C, outcome: Outcome, status: StatusCode) -> Self {
        Self {
            labels,
            outcome,
            status,
            site: None,
        }
    }
}

impl<C> From<Started<C>> for () {
    fn from(_: Started<C>) {}
}

impl<C> From<Completed<C>> for () {
    fn from(_: Completed<C>) {}
}

impl From<StatusCode> for StatusClass {
    fn from(code: StatusCode) -> Self {
        code.class()
    }
}

/// A set whose metrics have roles, for `#[instrument_metrics(set = …)]`. `#[derive(MetricSet)]` implements it.
///
/// The labels of a call are one struct, which the set names; those of each metric are made from it. With
/// `#[label(from = …)]` a label set takes its fields over by name, and fields of type [`StatusCode`],
/// [`StatusClass`] and [`Outcome`] tell how the call ended.
///
/// ```
/// use datapunk_metrics::{
///     Counter, Gauge, Histogram, LabelSet, LabelValue, MetricSet, Outcome, Seconds, instrument_metrics,
/// };
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Queue { Mail, Push }
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct JobCall { queue: Queue }
///
/// #[derive(Clone, Copy, LabelSet)]
/// #[label(from = JobCall)]
/// struct JobEnd { queue: Queue, outcome: Outcome }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "worker", labels = JobCall)]
/// struct JobMetrics {
///     /// Jobs done, by queue and outcome.
///     #[metric(role = calls)]
///     jobs_total: Counter<JobEnd>,
///     /// Time taken by a job, by queue.
///     #[metric(role = duration)]
///     job_duration_seconds: Histogram<Seconds, JobCall>,
///     /// Jobs being done.
///     #[metric(role = in_flight)]
///     jobs_in_flight_current: Gauge,
/// }
///
/// #[instrument_metrics(set = JobMetrics, labels(queue = Queue::Mail))]
/// fn send(address: &str) -> Result<(), String> {
///     if address.contains('@') { Ok(()) } else { Err(format!("no address: {address}")) }
/// }
///
/// send("a@b").unwrap();
/// send("nobody").unwrap_err();
///
/// let failed = JobEnd { queue: Queue::Mail, outcome: Outcome::Error };
/// assert_eq!(JobMetrics::METRICS.jobs_total.with(failed).get(), 1);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no metric with a role",
    label = "no metric with a role",
    note = "`#[instrument_metrics(set = …)]` takes a metric set whose fields say what they are to a call: \
            `#[metric(role = calls)]`, `#[metric(role = duration)]`, `#[metric(role = in_flight)]`"
)]
pub trait Instrument: MetricSet {
    /// What is known of a call when it starts; `()` unless the set says `#[metrics(labels = …)]`.
    type Labels<'a>: Copy;

    /// Counts a call in flight.
    fn started(call: Started<Self::Labels<'_>>);

    /// Counts a call that is no longer in flight; it gets the labels that [`started`](Self::started) got.
    fn left(call: Started<Self::Labels<'_>>);

    /// Records how a call ended and how long it took.
    fn completed(call: Completed<Self::Labels<'_>>, elapsed: Duration);

    /// Records the size in bytes of what came with a call, for who knows it.
    #[inline]
    fn sized(call: Started<Self::Labels<'_>>, bytes: u64) {
        let _ = (call, bytes);
    }
}
