use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", labels(cached))]
fn load(cached: bool) {
    let _ = cached;
}

fn main() {}
