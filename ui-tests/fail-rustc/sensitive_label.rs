use datapunk_metrics::LabelSet;
use datapunk_metrics::privacy::Sensitive;

#[derive(Clone, Copy, LabelSet)]
struct Labels {
    plan: Sensitive<bool>,
}

fn main() {}
