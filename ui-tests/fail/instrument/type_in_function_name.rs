use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
fn update_gauge() {}

fn main() {}
