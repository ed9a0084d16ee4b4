use std::time::Duration;

use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;

use crate::Labels;

/// Metrics of the area alpha.
#[derive(Debug)]
pub struct AlphaMetrics {
    pub requests_done: Family<Labels, Counter>,
    pub requests_retried: Family<Labels, Counter>,
    pub sent_bytes: Family<Labels, Counter>,
    pub records_dropped: Family<Labels, Counter>,
    pub starts_seen: Counter,
    pub wakeups_seen: Counter,
    pub queued_items_current: Gauge,
    pub open_sessions_current: Family<Labels, Gauge>,
    pub call_duration_seconds: Family<Labels, Histogram>,
    pub batch_size_bytes: Histogram,
}

impl AlphaMetrics {
    pub fn new(registry: &mut Registry) -> Self {
        let metrics = Self {
            requests_done: Family::default(),
            requests_retried: Family::default(),
            sent_bytes: Family::default(),
            records_dropped: Family::default(),
            starts_seen: Counter::default(),
            wakeups_seen: Counter::default(),
            queued_items_current: Gauge::default(),
            open_sessions_current: Family::default(),
            call_duration_seconds: Family::new_with_constructor(|| {
                Histogram::new([0.001, 0.005, 0.025, 0.1, 0.25, 1.0, 5.0, 30.0])
            }),
            batch_size_bytes: Histogram::new([256.0, 4096.0, 65536.0, 1_048_576.0]),
        };
        registry.register(
            "alpha_requests_done",
            "Requests done",
            metrics.requests_done.clone(),
        );
        registry.register(
            "alpha_requests_retried",
            "Requests tried again",
            metrics.requests_retried.clone(),
        );
        registry.register("alpha_sent_bytes", "Bytes sent", metrics.sent_bytes.clone());
        registry.register(
            "alpha_records_dropped",
            "Records dropped",
            metrics.records_dropped.clone(),
        );
        registry.register(
            "alpha_starts_seen",
            "Starts seen",
            metrics.starts_seen.clone(),
        );
        registry.register(
            "alpha_wakeups_seen",
            "Wake-ups seen",
            metrics.wakeups_seen.clone(),
        );
        registry.register(
            "alpha_queued_items_current",
            "Items that wait",
            metrics.queued_items_current.clone(),
        );
        registry.register(
            "alpha_open_sessions_current",
            "Sessions that are open",
            metrics.open_sessions_current.clone(),
        );
        registry.register(
            "alpha_call_duration_seconds",
            "Time taken by a call",
            metrics.call_duration_seconds.clone(),
        );
        registry.register(
            "alpha_batch_size_bytes",
            "Size of a batch",
            metrics.batch_size_bytes.clone(),
        );
        metrics
    }

    pub fn record(&self, labels: Labels, elapsed: Duration, size: u64) {
        self.requests_done.get_or_create(&labels).inc();
        self.requests_retried.get_or_create(&labels).inc();
        self.sent_bytes.get_or_create(&labels).inc_by(size);
        self.records_dropped.get_or_create(&labels).inc();
        self.starts_seen.inc();
        self.wakeups_seen.inc();
        self.queued_items_current.set(3);
        self.open_sessions_current.get_or_create(&labels).inc();
        self.call_duration_seconds
            .get_or_create(&labels)
            .observe(elapsed.as_secs_f64());
        self.batch_size_bytes.observe(size as f64);
    }
}
