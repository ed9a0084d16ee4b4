//! One exchange of a request and its answer, which is recorded when it is dropped.

use core::sync::atomic::{AtomicU64, Ordering};
use core::time::Duration;
use std::sync::Arc;
use std::time::Instant;

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// The whole answer was there, with this status.
    Answered(u16),
    /// The service returned an error, or the body of the answer broke off.
    Failed,
    /// The service panicked.
    Panicked,
    /// Who waited for the answer went away, before it or in the midst of it.
    Cancelled,
    /// Who waited for the answer saw its head, with this status, and did not want its body.
    Unread(u16),
}

/// Where an exchange is recorded.
pub trait Record {
    /// It has begun.
    fn began(&self);

    /// It has ended, after so long; the request had so many bytes.
    fn ended(&self, end: End, elapsed: Duration, request_bytes: u64);
}

/// An exchange under way.
///
/// `end` is how it ends if nothing else happens: a service that runs can only leave by a panic, one that is dropped
/// while it waits was cancelled. `std::thread::panicking()` would mistake one that is dropped during somebody else's
/// unwinding.
#[derive(Debug)]
pub(super) struct Exchange<R: Record> {
    record: R,
    started: Instant,
    request: RequestSize,
    status: u16,
    end: End,
}

impl<R: Record> Exchange<R> {
    pub(super) fn begin(record: R, request: RequestSize) -> Self {
        record.began();
        Self {
            record,
            started: Instant::now(),
            request,
            status: 0,
            end: End::Panicked,
        }
    }

    /// Code of the service runs.
    pub(super) fn runs(&mut self) {
        self.end = End::Panicked;
    }

    /// It waits for somebody else.
    pub(super) fn waits(&mut self) {
        self.end = End::Cancelled;
    }

    /// The head of the answer is there.
    pub(super) fn answers(&mut self, status: u16) {
        self.status = status;
        self.end = End::Unread(status);
    }

    /// The whole answer was there.
    pub(super) fn complete(mut self) {
        self.end = End::Answered(self.status);
    }

    /// There is no answer, or only a part of one.
    pub(super) fn fail(mut self) {
        self.end = End::Failed;
    }
}

impl<R: Record> Drop for Exchange<R> {
    fn drop(&mut self) {
        self.record
            .ended(self.end, self.started.elapsed(), self.request.bytes());
    }
}

/// How large a request is.
#[derive(Clone, Debug)]
pub(super) enum RequestSize {
    /// As it declares.
    Declared(u64),
    /// As much as was read of it.
    Read(Arc<AtomicU64>),
}

impl RequestSize {
    fn bytes(&self) -> u64 {
        match self {
            Self::Declared(bytes) => *bytes,
            Self::Read(bytes) => bytes.load(Ordering::Relaxed),
        }
    }
}
