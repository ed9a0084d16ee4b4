use datapunk_metrics::{Counter, MetricSet};

#[derive(MetricSet)]
union LakeMetrics {
    objects: Counter,
}

fn main() {}
