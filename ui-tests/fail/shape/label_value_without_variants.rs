use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
enum Tier {}

fn main() {}
