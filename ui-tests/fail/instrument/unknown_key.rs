use datapunk_metrics::instrument_metrics;

#[instrument_metrics(sytem = "cortex")]
fn load() {}

fn main() {}
