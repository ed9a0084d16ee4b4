use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
#[label(sparse = true)]
enum Tier {
    Gold,
}

fn main() {}
