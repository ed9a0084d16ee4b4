use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
enum Tier {
    Gold,
}

fn main() {}
