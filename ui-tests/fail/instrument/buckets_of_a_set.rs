use datapunk_metrics::instrument_metrics;

#[instrument_metrics(set = HttpMetrics, buckets = [0.1, 1.0])]
fn load() {}

fn main() {}
