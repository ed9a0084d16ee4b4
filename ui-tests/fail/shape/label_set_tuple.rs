use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct TierLabels(bool);

fn main() {}
