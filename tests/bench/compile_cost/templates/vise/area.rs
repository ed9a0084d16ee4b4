use std::time::Duration;

use vise::{Buckets, Counter, Family, Gauge, Global, Histogram, Metrics};

use crate::Labels;

/// Metrics of the area alpha.
#[derive(Debug, Metrics)]
#[metrics(prefix = "alpha")]
pub struct AlphaMetrics {
    /// Requests done.
    pub requests_done: Family<Labels, Counter>,
    /// Requests tried again.
    pub requests_retried: Family<Labels, Counter>,
    /// Bytes sent.
    pub sent_bytes: Family<Labels, Counter>,
    /// Records dropped.
    pub records_dropped: Family<Labels, Counter>,
    /// Starts seen.
    pub starts_seen: Counter,
    /// Wake-ups seen.
    pub wakeups_seen: Counter,
    /// Items that wait.
    pub queued_items_current: Gauge,
    /// Sessions that are open.
    pub open_sessions_current: Family<Labels, Gauge>,
    /// Time taken by a call.
    #[metrics(buckets = Buckets::values(&[0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0]))]
    pub call_duration_seconds: Family<Labels, Histogram<Duration>>,
    /// Size of a batch.
    #[metrics(buckets = Buckets::values(&[256.0, 4096.0, 65536.0, 1_048_576.0]))]
    pub batch_size_bytes: Histogram<u64>,
}

#[vise::register]
pub static ALPHA: Global<AlphaMetrics> = Global::new();

pub fn record(labels: Labels, elapsed: Duration, size: u64) {
    ALPHA.requests_done[&labels].inc();
    ALPHA.requests_retried[&labels].inc();
    ALPHA.sent_bytes[&labels].inc_by(size);
    ALPHA.records_dropped[&labels].inc();
    ALPHA.starts_seen.inc();
    ALPHA.wakeups_seen.inc();
    ALPHA.queued_items_current.set(3);
    ALPHA.open_sessions_current[&labels].inc_by(1);
    ALPHA.call_duration_seconds[&labels].observe(elapsed);
    ALPHA.batch_size_bytes.observe(size);
}
