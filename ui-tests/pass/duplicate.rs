use datapunk_metrics::{Counter, LabelSet, LabelValue, MetricSet};

#[derive(Clone, Copy, LabelValue)]
enum Tier {
    Gold,
    #[label(rename = "Gold")]
    Golden,
}

#[derive(Clone, Copy, LabelSet)]
struct StoreLabels {
    tier: Tier,
    old_tier: Tier,
}

#[derive(MetricSet)]
#[metrics(namespace = "inner")]
struct InnerMetrics {
    /// Objects stored.
    objects_stored_total: Counter<StoreLabels>,
}

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored.
    objects_stored_total: Counter<StoreLabels>,
    /// Objects stored, in bytes.
    objects_stored_bytes_total: Counter<StoreLabels>,
    /// A field may have the name of another set's.
    inner: InnerMetrics,
    /// Declared in two places, for a reason.
    #[metric(allow(duplicate, reason = "two versions of one library are linked"))]
    objects_lost_total: Counter,
}

fn main() {
    let labels = StoreLabels {
        tier: Tier::Gold,
        old_tier: Tier::Golden,
    };
    LakeMetrics::METRICS
        .inner
        .objects_stored_total
        .with(labels)
        .inc();
    assert_eq!(
        LakeMetrics::METRICS
            .inner
            .objects_stored_total
            .with(labels)
            .get(),
        1
    );
    assert_eq!(
        LakeMetrics::METRICS.objects_stored_total.with(labels).get(),
        0
    );
}
