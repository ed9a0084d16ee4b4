use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex", labels(error = |error| error.kind()))]
fn load() -> Result<(), std::io::Error> {
    Ok(())
}

fn main() {}
