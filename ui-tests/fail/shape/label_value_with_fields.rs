use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
enum Tier {
    Gold,
    Numbered(u8),
}

fn main() {}
