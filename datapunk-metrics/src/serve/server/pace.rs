//! The pace of a connection: until when the next thing has to happen on it.
//!
//! A [`Clock`] holds one deadline. The stream under the connection moves it as bytes come and go, the service as requests
//! begin and end; [`Clock::ran_out`] ends the connection when it has passed.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep_until};

use super::limits::Limits;
use super::metrics::Closed;

/// When a connection is closed unless something happens before.
#[derive(Debug)]
pub(super) struct Clock {
    limits: Limits,
    pace: Mutex<Pace>,
    /// The deadline may be earlier now.
    moved: Notify,
}

#[derive(Clone, Copy, Debug)]
struct Pace {
    stage: Stage,
    since: Instant,
    /// Since when a client takes nothing of what it is sent.
    stalled: Option<Instant>,
}

/// What a connection is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    /// A header is coming, or TLS is being agreed on.
    Header,
    /// A scrape is being answered.
    Scrape,
    /// Something else is being answered, which takes the time that it takes.
    Other,
    /// Nothing.
    Idle,
}

impl Clock {
    pub(super) fn start(limits: Limits) -> Arc<Self> {
        Arc::new(Self {
            limits,
            pace: Mutex::new(Pace {
                stage: Stage::Header,
                since: Instant::now(),
                stalled: None,
            }),
            moved: Notify::new(),
        })
    }

    pub(super) fn enter(&self, stage: Stage) {
        {
            let mut pace = self.pace();
            pace.stage = stage;
            pace.since = Instant::now();
        }
        self.moved.notify_one();
    }

    /// Returns, with the reason, when the deadline has passed.
    pub(super) async fn ran_out(&self) -> Closed {
        loop {
            let deadline = self.deadline();
            let moved = self.moved.notified();
            let Some((at, reason)) = deadline else {
                moved.await;
                continue;
            };
            tokio::select! {
                () = moved => {}
                () = sleep_until(at) => {
                    if self.deadline().is_some_and(|(at, _)| at <= Instant::now()) {
                        return reason;
                    }
                }
            }
        }
    }

    fn deadline(&self) -> Option<(Instant, Closed)> {
        let pace = *self.pace();
        let stage = match pace.stage {
            Stage::Header => Some((self.limits.header_timeout, Closed::SlowHeader)),
            Stage::Scrape => Some((self.limits.request_timeout, Closed::SlowRequest)),
            Stage::Idle => Some((self.limits.idle_timeout, Closed::Idle)),
            Stage::Other => None,
        };
        let stage = stage.map(|(limit, reason)| (far(pace.since, limit), reason));
        let stalled = pace
            .stalled
            .map(|since| (far(since, self.limits.write_timeout), Closed::SlowReader));
        stage.into_iter().chain(stalled).min_by_key(|(at, _)| *at)
    }

    fn bytes_came(&self) {
        let is_new_request = self.pace().stage == Stage::Idle;
        if is_new_request {
            self.enter(Stage::Header);
        }
    }

    fn wrote(&self, is_stalled: bool) {
        let was_stalled = {
            let mut pace = self.pace();
            let was_stalled = pace.stalled.is_some();
            match is_stalled {
                true if was_stalled => {}
                true => pace.stalled = Some(Instant::now()),
                false => pace.stalled = None,
            }
            was_stalled
        };
        if is_stalled && !was_stalled {
            self.moved.notify_one();
        }
    }

    fn pace(&self) -> MutexGuard<'_, Pace> {
        self.pace.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `since` and `limit`, also where the limit is so long that it is none.
fn far(since: Instant, limit: Duration) -> Instant {
    const YEAR: Duration = Duration::from_hours(365 * 24);
    since + limit.min(YEAR)
}

/// A stream that moves a clock.
#[derive(Debug)]
pub(super) struct Paced<S> {
    stream: S,
    clock: Arc<Clock>,
}

impl<S> Paced<S> {
    pub(super) fn new(stream: S, clock: Arc<Clock>) -> Self {
        Self { stream, clock }
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.clock.bytes_came();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.clock.wrote(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.clock.wrote(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    fn limits() -> Limits {
        Limits {
            header_timeout: Duration::from_secs(1),
            request_timeout: Duration::from_secs(10),
            write_timeout: Duration::from_secs(3),
            idle_timeout: Duration::from_secs(100),
            ..Limits::default()
        }
    }

    /// The reason, and after how many seconds.
    async fn ran_out(clock: &Clock) -> (Closed, u64) {
        let started = Instant::now();
        let reason = clock.ran_out().await;
        (reason, started.elapsed().as_secs())
    }

    #[tokio::test(start_paused = true)]
    async fn each_stage_has_its_limit() {
        let clock = Clock::start(limits());
        assert_eq!(ran_out(&clock).await, (Closed::SlowHeader, 1));
        clock.enter(Stage::Scrape);
        assert_eq!(ran_out(&clock).await, (Closed::SlowRequest, 10));
        clock.enter(Stage::Idle);
        assert_eq!(ran_out(&clock).await, (Closed::Idle, 100));
        clock.enter(Stage::Other);
        let year = Duration::from_hours(365 * 24);
        assert!(tokio::time::timeout(year, clock.ran_out()).await.is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_header_byte_by_byte_does_not_gain_time() {
        let clock = Clock::start(limits());
        let (mut client, server) = tokio::io::duplex(64);
        let mut server = Paced::new(server, Arc::clone(&clock));
        clock.enter(Stage::Idle);
        let (reason, ()) = tokio::join!(ran_out(&clock), async {
            for _ in 0..5 {
                tokio::time::sleep(Duration::from_millis(300)).await;
                client.write_all(b"G").await.unwrap();
                server.read_u8().await.unwrap();
            }
        });
        // The first byte came after 0.3 s.
        assert_eq!(reason, (Closed::SlowHeader, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_reader_who_takes_nothing_is_noticed() {
        let clock = Clock::start(limits());
        let (_client, server) = tokio::io::duplex(64);
        let mut server = Paced::new(server, Arc::clone(&clock));
        clock.enter(Stage::Scrape);
        let writing = server.write_all(&[0; 100]);
        tokio::select! {
            _ = writing => panic!("there is no room for it"),
            reason = ran_out(&clock) => assert_eq!(reason, (Closed::SlowReader, 3)),
        }
    }
}
