use datapunk_metrics::{LabelValue, instrument_metrics};

#[instrument_metrics(system = "cortex", labels(model = model))]
fn load<M: LabelValue>(model: M) {
    let _ = model;
}

fn main() {}
