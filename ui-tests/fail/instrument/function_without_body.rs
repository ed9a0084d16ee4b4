use datapunk_metrics::instrument_metrics;

trait Store {
    #[instrument_metrics(system = "store")]
    fn load(&self);
}

fn main() {}
