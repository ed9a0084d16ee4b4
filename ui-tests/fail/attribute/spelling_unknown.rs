use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
#[label(rename_all = "title")]
enum Tier {
    Gold,
}

fn main() {}
