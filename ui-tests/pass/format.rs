use datapunk_metrics::{Bytes, Counter, Histogram, Info, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects stored. A digit may stand anywhere but first.
    objects_v2_stored_total: Counter,
    /// Answers with a 2xx status.
    #[metric(name = "answers_2xx_total")]
    answers: Counter,
    /// The version that runs.
    #[metric(labels(version = "1.0"))]
    build_info: Info,
    /// Size of stored objects: the unit is that of the name.
    #[metric(buckets = [256, 4096])]
    object_size_bytes: Histogram<Bytes>,
}

fn main() {
    assert_eq!(
        LakeMetrics::DESCRIPTOR.metrics[1].name,
        "lake_answers_2xx_total"
    );
}
