use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", labels = 3)]
fn load() {}

fn main() {}
