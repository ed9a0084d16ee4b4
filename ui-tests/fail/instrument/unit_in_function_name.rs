use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
fn load_hours() {}

fn main() {}
