use datapunk_metrics::{LabelValue, instrument_metrics};

#[derive(Clone, Copy, LabelValue)]
enum Model {
    Bert,
}

#[instrument_metrics(
    system = "Cortex",
    bukets = [0.1, 1.0],
    profile = fast,
    name = load,
    labels(email = Model::Bert, job = Model::Bert, text = "x", error = |error| error.kind())
)]
fn load_ms() {}

fn main() {}
