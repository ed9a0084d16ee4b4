use datapunk_metrics::instrument_metrics;

#[instrument_metrics]
fn load() {}

fn main() {}
