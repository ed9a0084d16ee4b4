use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
struct Tier {
    gold: bool,
}

fn main() {}
