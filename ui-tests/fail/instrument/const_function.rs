use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
const fn load() {}

fn main() {}
