use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
enum Tier {
    #[label(rename = 1.5)]
    Gold,
}

fn main() {}
