use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct TierLabels<T> {
    tier: T,
}

fn main() {}
