use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
#[label(rename_all = lowercase)]
enum Tier {
    Gold,
}

fn main() {}
