use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
#[label(rename_al = "UPPERCASE")]
enum Tier {
    Gold,
}

fn main() {}
