use datapunk_metrics::instrument_metrics;

#[derive(Clone, Copy)]
enum Model {
    Bert,
}

#[instrument_metrics(system = "cortex", labels(model = Model::Bert))]
fn load() {}

fn main() {}
