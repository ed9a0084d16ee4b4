//! What the endpoint counts about itself.

use std::time::Instant;

use axum::http;

use crate::{Bytes, Counter, Gauge, Histogram, InFlight, LabelSet, MetricSet, Seconds, StatusCode};

/// Labels of a scrape.
#[derive(Clone, Copy, Debug, LabelSet)]
#[label(crate = crate)]
pub struct ScrapeLabels {
    /// The status code of the answer.
    pub code: StatusCode,
}

/// Scrapes, as the endpoint counts them.
///
/// The registry of the program has the set once it is served. A registry of one's own is given it with
/// [`register`](crate::Registry::register), or by the `Server` that serves it. A scrape shows those before it.
///
/// ```
/// use datapunk_metrics::serve::ScrapeMetrics;
/// use datapunk_metrics::{MetricSet, Registry};
///
/// let registry = Registry::new();
/// registry.register::<ScrapeMetrics>()?;
/// let app: axum::Router = datapunk_metrics::serve::router_with(registry);
/// assert_eq!(ScrapeMetrics::METRICS.scrape_duration_seconds.count(), 0);
/// # Ok::<(), datapunk_metrics::RegisterError>(())
/// ```
#[derive(Clone, Copy, Debug, MetricSet)]
#[metrics(namespace = "datapunk_metrics", unlinked, crate = crate)]
pub struct ScrapeMetrics {
    /// Requests for the metrics that were answered, by status code.
    #[metric(zero = [200, 400, 401, 403, 405, 414, 429, 500, 503])]
    pub scrapes_total: Counter<ScrapeLabels>,
    /// Time from a request for the metrics to the end of its answer, refusals aside.
    #[metric(buckets = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10])]
    pub scrape_duration_seconds: Histogram<Seconds>,
    /// Bytes of an answer's body, as they were sent, refusals aside.
    #[metric(buckets = [1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216])]
    pub scrape_size_bytes: Histogram<Bytes>,
    /// Scrapes that are being answered.
    pub scrapes_in_flight_current: Gauge,
    /// Scrapes whose answer was not taken to its end.
    pub scrapes_aborted_total: Counter,
}

const SCRAPES: ScrapeMetrics = ScrapeMetrics::METRICS;

/// A request for the metrics that is counted when its answer ends.
pub(super) struct Scrape {
    started: Instant,
    _in_flight: InFlight<i64>,
}

impl Scrape {
    pub(super) fn begin() -> Self {
        Self {
            started: Instant::now(),
            _in_flight: SCRAPES.scrapes_in_flight_current.in_flight(),
        }
    }

    pub(super) fn end(self, code: http::StatusCode, sent: Sent) {
        refused(code);
        if code == http::StatusCode::OK {
            SCRAPES
                .scrape_duration_seconds
                .observe(self.started.elapsed());
            SCRAPES.scrape_size_bytes.observe(sent.bytes);
        }
        if !sent.is_whole {
            SCRAPES.scrapes_aborted_total.inc();
        }
    }
}

/// Counts a request that gets no metrics.
pub(super) fn refused(code: http::StatusCode) {
    let code = StatusCode::new(code.as_u16());
    SCRAPES.scrapes_total.with(ScrapeLabels { code }).inc();
}

/// What was sent of a body.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sent {
    pub(super) bytes: u64,
    pub(super) is_whole: bool,
}
