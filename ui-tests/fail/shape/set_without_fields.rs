use datapunk_metrics::MetricSet;

#[derive(MetricSet)]
struct LakeMetrics;

fn main() {}
