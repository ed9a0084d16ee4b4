use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", system = "lake")]
fn load() {}

fn main() {}
