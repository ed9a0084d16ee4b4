use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", buckets = [1.0, 0.1])]
fn load() {}

fn main() {}
