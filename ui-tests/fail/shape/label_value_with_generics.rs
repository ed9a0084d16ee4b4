use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
enum Tier<const N: usize> {
    Gold,
}

fn main() {}
