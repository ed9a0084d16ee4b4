use datapunk_metrics::instrument_metrics;

#[instrument_metrics(set = "HttpMetrics")]
fn load() {}

fn main() {}
