use datapunk_metrics::LabelValue;

#[derive(LabelValue)]
enum Tier {
    Gold,
}

fn main() {}
