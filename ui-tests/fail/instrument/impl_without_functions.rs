use datapunk_metrics::instrument_metrics;

struct Cache;

#[instrument_metrics(system = "cache")]
impl Cache {
    const SIZE: usize = 3;
}

fn main() {}
