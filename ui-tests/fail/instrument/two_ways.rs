use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", set = HttpMetrics)]
fn load() {}

fn main() {}
