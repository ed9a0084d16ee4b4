use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
fn load() -> Result<u8, String> {
    Ok("x")
}

fn main() {}
