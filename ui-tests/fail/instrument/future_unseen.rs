use datapunk_metrics::instrument_metrics;

#[instrument_metrics(system = "cortex")]
fn load() -> impl Future<Output = ()> {
    std::future::ready(())
}

fn main() {}
