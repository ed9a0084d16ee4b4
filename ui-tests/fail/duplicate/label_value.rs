use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
enum Tier {
    Gold,
    #[label(rename = "gold")]
    Golden,
}

fn main() {}
