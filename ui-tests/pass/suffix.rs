use datapunk_metrics::{Float, Gauge, Histogram, Items, MetricSet, State, StateValue, Unit};

/// Decibels relative to full scale.
struct Decibels;

impl Unit for Decibels {
    const SUFFIX: &'static str = "decibels";
    type Encoding = Float;
}

#[derive(Clone, Copy, StateValue)]
enum Job {
    Failed,
    Succeeded,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// A gauge with a unit.
    disk_free_bytes: Gauge,
    /// A gauge without one.
    queue_objects_current: Gauge,
    /// A gauge that tells a time.
    last_check_timestamp_seconds: Gauge,
    /// `total` inside a name is no ending.
    disk_total_bytes: Gauge,
    /// A word that only begins like an ending.
    subtotals_current: Gauge,
    /// Objects in one batch.
    #[metric(buckets = [1, 10, 100])]
    batch_items: Histogram<Items>,
    /// Objects in one page.
    #[metric(buckets = [1, 10, 100])]
    page_size: Histogram<Items>,
    /// Loudness of a played block.
    #[metric(buckets = [-60.0, -10.0, 0.0])]
    block_loudness_decibels: Histogram<Decibels>,
    /// Whether the last job did its work.
    #[metric(initial = absent)]
    job_status: State<Job>,
    /// A name that is kept, with a reason.
    #[metric(allow(suffix, reason = "dashboards use it"))]
    queue_objects: Gauge,
}

fn main() {
    LakeMetrics::METRICS.job_status.set(Job::Failed);
    LakeMetrics::METRICS.job_status.set(Job::Succeeded);
    assert_eq!(LakeMetrics::METRICS.job_status.get(), Some(1));
}
