use datapunk_metrics::{LabelValue, instrument_metrics};

#[derive(Clone, Copy, LabelValue)]
enum Model {
    Bert,
}

#[instrument_metrics(system = "cortex", labels(instance = Model::Bert))]
fn load() {}

fn main() {}
