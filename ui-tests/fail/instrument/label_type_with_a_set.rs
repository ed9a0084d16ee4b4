use datapunk_metrics::{LabelValue, instrument_metrics};

#[derive(Clone, Copy, LabelValue)]
enum Model {
    Bert,
}

#[instrument_metrics(set = HttpMetrics, labels(model: Model = Model::Bert))]
fn load() {}

fn main() {}
