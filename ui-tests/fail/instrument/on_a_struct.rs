use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
struct Cache;

fn main() {}
