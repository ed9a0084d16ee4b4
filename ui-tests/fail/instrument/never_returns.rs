use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
fn serve() -> ! {
    loop {}
}

fn main() {}
