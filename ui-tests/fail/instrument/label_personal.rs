use datapunk_metrics::{LabelValue, instrument_metrics};

#[derive(Clone, Copy, LabelValue)]
enum Model {
    Bert,
}

#[instrument_metrics(system = "cortex", labels(user_email = Model::Bert))]
fn load() {}

fn main() {}
