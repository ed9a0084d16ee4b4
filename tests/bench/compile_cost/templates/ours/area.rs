use std::time::Duration;

use datapunk_metrics::{Bytes, Counter, Gauge, Histogram, MetricSet, Seconds};

use crate::Labels;

/// Metrics of the area alpha.
#[derive(MetricSet)]
#[metrics(namespace = "alpha")]
pub struct AlphaMetrics {
    /// Requests done.
    pub requests_done_total: Counter<Labels>,
    /// Requests tried again.
    pub requests_retried_total: Counter<Labels>,
    /// Bytes sent.
    pub sent_bytes_total: Counter<Labels>,
    /// Records dropped.
    pub records_dropped_total: Counter<Labels>,
    /// Starts seen.
    pub starts_seen_total: Counter,
    /// Wake-ups seen.
    pub wakeups_seen_total: Counter,
    /// Items that wait.
    pub queued_items_current: Gauge,
    /// Sessions that are open.
    pub open_sessions_current: Gauge<Labels>,
    /// Time taken by a call.
    #[metric(buckets = [0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0])]
    pub call_duration_seconds: Histogram<Seconds, Labels>,
    /// Size of a batch.
    #[metric(buckets = [256, 4096, 65536, 1_048_576])]
    pub batch_size_bytes: Histogram<Bytes>,
}

pub const ALPHA: AlphaMetrics = AlphaMetrics::METRICS;

pub fn record(labels: Labels, elapsed: Duration, size: u64) {
    ALPHA.requests_done_total.with(labels).inc();
    ALPHA.requests_retried_total.with(labels).inc();
    ALPHA.sent_bytes_total.with(labels).add(size);
    ALPHA.records_dropped_total.with(labels).inc();
    ALPHA.starts_seen_total.inc();
    ALPHA.wakeups_seen_total.inc();
    ALPHA.queued_items_current.set(3);
    ALPHA.open_sessions_current.with(labels).inc();
    ALPHA.call_duration_seconds.with(labels).observe(elapsed);
    ALPHA.batch_size_bytes.observe(size);
}
