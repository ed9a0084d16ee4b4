use datapunk_metrics::{Counter, Gauge, Histogram, LabelSet, MetricSet, Seconds};

#[derive(Clone, Copy, LabelSet)]
struct SearchLabels {
    user_email: bool,
    instance: bool,
}

#[derive(MetricSet)]
#[metrics(namespace = "DataLake", profil = datapunk)]
struct LakeMetrics {
    objects_stored_total: Counter,
    /// Objects stored.
    objects: Counter,
    /// Time taken by a search.
    #[metric(buckets = [0.1, 0.01])]
    search_duration_ms: Histogram<Seconds, SearchLabels>,
    /// Memory in use.
    #[metric(initial = "none")]
    memory_gauge_bytes: Gauge,
    /// Objects that wait for an index.
    #[metric(allow(sufix, reason = "an old name"))]
    queue_objects_current: Gauge,
    /// Objects in the queue.
    #[metric(name = "queue_objects_current", zero = [200])]
    queued: Gauge,
}

fn main() {}
