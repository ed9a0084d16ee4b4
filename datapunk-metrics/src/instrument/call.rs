//! One call of an instrumented function.

use core::future::{Future, poll_fn};
use core::marker::PhantomData;
use core::pin::pin;
use std::time::Instant;

use super::{At, Completed, Ended, Instrument, Site, Started};
use crate::labels::{Outcome, StatusCode};

const PANICKED: Ended = Ended {
    outcome: Outcome::Panicked,
    status: StatusCode::INTERNAL_SERVER_ERROR,
};
const CANCELLED: Ended = Ended {
    outcome: Outcome::Cancelled,
    status: StatusCode::CLIENT_CLOSED_REQUEST,
};

/// A call that has started. It is recorded when it is dropped.
///
/// `ended` is how it ends if nothing else happens: user code that runs can only leave by a panic, a future that is
/// dropped between two polls was cancelled. `std::thread::panicking()` would mistake a future that is dropped during
/// somebody else's unwinding.
pub struct Call<'a, S: Instrument> {
    at_start: S::Labels<'a>,
    at_end: S::Labels<'a>,
    ended: Ended,
    started: Instant,
    site: Option<At>,
    set: PhantomData<fn() -> S>,
}

/// Counts a call in flight and starts its clock.
#[inline]
pub fn start<S: Instrument>(labels: S::Labels<'_>) -> Call<'_, S> {
    start_at(labels, None)
}

/// The same, at a site whose open labels are literals.
#[inline]
pub fn start_at<'a, S: Instrument>(
    labels: S::Labels<'a>,
    site: Option<&'static Site>,
) -> Call<'a, S> {
    let site = site.map(At::Code);
    S::started(Started { labels, site });
    Call {
        at_start: labels,
        at_end: labels,
        ended: PANICKED,
        started: Instant::now(),
        site,
        set: PhantomData,
    }
}

impl<'a, S: Instrument> Call<'a, S> {
    /// The labels with which the end will be recorded.
    #[inline]
    pub fn labels_at_end(&mut self) -> &mut S::Labels<'a> {
        &mut self.at_end
    }

    /// Records a call that has returned.
    #[inline]
    pub fn complete(mut self, ended: Ended) {
        self.ended = ended;
    }
}

impl<S: Instrument> Drop for Call<'_, S> {
    #[inline]
    fn drop(&mut self) {
        let elapsed = self.started.elapsed();
        S::left(Started {
            labels: self.at_start,
            site: self.site,
        });
        let Ended { outcome, status } = self.ended;
        S::completed(
            Completed {
                labels: self.at_end,
                outcome,
                status,
                site: self.site,
            },
            elapsed,
        );
    }
}

impl<S: Instrument> core::fmt::Debug for Call<'_, S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Call")
            .field("ended", &self.ended)
            .field("started", &self.started)
            .finish_non_exhaustive()
    }
}

/// Calls `body`.
///
/// A closure that is called where it is written can't return what it borrows from what it has captured; one that is
/// passed as an [`FnOnce`] can.
#[inline]
pub fn once<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// Runs the body of an asynchronous function.
pub async fn watch<S: Instrument, F: Future>(call: &mut Call<'_, S>, body: F) -> F::Output {
    let mut body = pin!(body);
    poll_fn(|context| {
        call.ended = PANICKED;
        let poll = body.as_mut().poll(context);
        if poll.is_pending() {
            call.ended = CANCELLED;
        }
        poll
    })
    .await
}

/// A returned value that may be an error.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no `Result`, so there is no error that a label could come from",
    label = "no error to take a label from",
    note = "a label whose value is a closure comes from the error that the function returns"
)]
pub trait Fallible {
    /// The type of the error.
    type Error;

    /// The error, if it is one.
    fn error(&self) -> Option<&Self::Error>;
}

impl<T, E> Fallible for Result<T, E> {
    type Error = E;

    #[inline]
    fn error(&self) -> Option<&E> {
        self.as_ref().err()
    }
}

/// A label that comes from the error of a call; none if there is no error.
#[inline]
pub fn error_label<R: Fallible, V>(returned: &R, label: impl FnOnce(&R::Error) -> V) -> Option<V> {
    returned.error().map(label)
}
