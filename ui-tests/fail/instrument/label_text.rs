use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", labels(model = "bert"))]
fn load() {}

fn main() {}
