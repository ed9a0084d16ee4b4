use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
async fn load() -> Result<u8, String> {
    missing(1);
    Ok(1)
}

fn main() {}
