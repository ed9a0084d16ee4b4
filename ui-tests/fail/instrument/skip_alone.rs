use datapunk_metrics::instrument_metrics;

#[instrument_metrics(skip)]
fn load() {}

fn main() {}
