//! What a client may take of the server.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Limits of a [`Server`](super::Server). The defaults suit a scraper that comes every few seconds.
///
/// ```
/// use std::time::Duration;
///
/// use datapunk_metrics::serve::Limits;
///
/// let mut limits = Limits::default();
/// limits.scrapes = 4;
/// limits.idle_timeout = Duration::from_secs(30);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Limits {
    /// Connections at a time; 512. Beyond it one gives way: the oldest one that has not had an answer yet, where those are
    /// half of them, and otherwise the one that has been idle for longest.
    pub connections: usize,
    /// Scrapes at a time; 40. One more is answered with 503 at once.
    pub scrapes: usize,
    /// From the connection, or from the first byte of a request, to the end of the request's header, TLS included; 5 s.
    pub header_timeout: Duration,
    /// From a request for the metrics to the end of its answer; 30 s.
    pub request_timeout: Duration,
    /// Without a byte taken by a client who is sent something; 10 s.
    pub write_timeout: Duration,
    /// Between two requests; 120 s, so that a scraper who comes every minute keeps its connection.
    pub idle_timeout: Duration,
    /// For all scrape-time functions together; 8 s, less than the 10 s that Prometheus waits unless told otherwise.
    pub collection_timeout: Duration,
    /// For answers under way when the server is told to stop; 5 s.
    pub shutdown_timeout: Duration,
    /// Bytes of a request's header; 32 KiB, at least 8 KiB.
    pub header_bytes: usize,
    /// Fields of a request's header; 100.
    pub headers: usize,
    /// Bytes of a request's path and query; 4 KiB.
    pub url_bytes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 512,
            scrapes: 40,
            header_timeout: Duration::from_secs(5),
            request_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(2),
            collection_timeout: Duration::from_secs(8),
            shutdown_timeout: Duration::from_secs(5),
            header_bytes: 32 * 1024,
            headers: 100,
            url_bytes: 4 * 1024,
        }
    }
}

/// `rate_limit` of the web configuration: one request every `interval`, and `burst` at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Rate {
    pub(super) interval: Duration,
    pub(super) burst: u32,
}

/// A token bucket for each principal, and one for all whom the server does not know: a flood of strangers leaves those
/// of the scrapers full.
#[derive(Debug, Default)]
pub(super) struct Buckets(Mutex<HashMap<Option<String>, Bucket>>);

#[derive(Clone, Copy, Debug)]
struct Bucket {
    tokens: f64,
    filled: Instant,
}

impl Buckets {
    /// Whether one more request is within the rate. There are no more buckets than principals.
    pub(super) fn take(&self, rate: Rate, principal: Option<&str>, now: Instant) -> bool {
        let burst = f64::from(rate.burst);
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = buckets
            .entry(principal.map(str::to_owned))
            .or_insert(Bucket {
                tokens: burst,
                filled: now,
            });
        let passed = now.saturating_duration_since(bucket.filled);
        bucket.filled = now;
        bucket.tokens =
            (bucket.tokens + passed.as_secs_f64() / rate.interval.as_secs_f64()).min(burst);
        let has_one = bucket.tokens >= 1.0;
        if has_one {
            bucket.tokens -= 1.0;
        }
        has_one
    }

    /// Forgets all: with another configuration come other principals.
    pub(super) fn clear(&self) {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        interval: Duration::from_secs(1),
        burst: 2,
    };

    #[test]
    fn a_bucket_fills_with_time_and_no_further_than_its_burst() {
        let (buckets, start) = (Buckets::default(), Instant::now());
        let at = |seconds| start + Duration::from_secs_f64(seconds);
        let taken: Vec<bool> = [0.0, 0.0, 0.0, 0.5, 1.0, 1.1, 60.0, 60.0, 60.0]
            .into_iter()
            .map(|seconds| buckets.take(RATE, None, at(seconds)))
            .collect();
        assert_eq!(
            taken,
            [true, true, false, false, true, false, true, true, false]
        );
    }

    #[test]
    fn strangers_leave_the_bucket_of_a_principal_alone() {
        let (buckets, now) = (Buckets::default(), Instant::now());
        assert_eq!((0..9).filter(|_| buckets.take(RATE, None, now)).count(), 2);
        assert!(buckets.take(RATE, Some("prometheus"), now));
    }

    #[test]
    fn a_burst_of_none_lets_nobody_through() {
        let rate = Rate { burst: 0, ..RATE };
        assert!(!Buckets::default().take(rate, None, Instant::now()));
    }
}
