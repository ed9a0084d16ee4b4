use datapunk_metrics::LabelSet;

#[derive(LabelSet)]
struct TierLabels {
    cached: bool,
}

fn main() {}
