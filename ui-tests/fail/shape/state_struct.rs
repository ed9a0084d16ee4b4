use datapunk_metrics::StateValue;

#[derive(Clone, Copy, StateValue)]
struct Mode;

fn main() {}
