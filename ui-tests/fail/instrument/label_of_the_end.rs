use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", labels(ended = datapunk_metrics::Outcome::Ok))]
fn load() {}

fn main() {}
