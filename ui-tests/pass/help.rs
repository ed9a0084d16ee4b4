use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// One word is enough.
    objects_stored_total: Counter,
    #[doc = "An attribute is a doc comment too."]
    objects_deleted_total: Counter,
    /**
     * So is a block.
     */
    objects_read_total: Counter,
    ///
    /// The first line may be blank.
    objects_moved_total: Counter,
}

fn main() {
    assert_eq!(
        LakeMetrics::DESCRIPTOR.metrics[3].help,
        "The first line may be blank."
    );
}
