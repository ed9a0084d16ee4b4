use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortexService")]
fn load() {}

fn main() {}
