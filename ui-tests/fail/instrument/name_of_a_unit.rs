use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", name = "load_ms")]
fn load() {}

fn main() {}
