use datapunk_metrics::instrument_metrics;

struct Cache;

#[instrument_metrics(system = "cache", name = "all")]
impl Cache {
    fn get(&self) {}
}

fn main() {}
