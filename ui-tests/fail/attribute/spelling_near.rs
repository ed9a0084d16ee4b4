use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
#[label(rename_all = "UPPER")]
enum Tier {
    Gold,
}

fn main() {}
