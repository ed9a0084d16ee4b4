use datapunk_metrics::{Histogram, MetricSet};

type Objects = datapunk_metrics::Items;

#[derive(MetricSet)]
#[metrics(namespace = "lake")]
struct LakeMetrics {
    /// Objects in one batch.
    #[metric(buckets = [1, 10])]
    batch_objects: Histogram<Objects>,
}

fn main() {}
