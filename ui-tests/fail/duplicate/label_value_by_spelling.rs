use datapunk_metrics::LabelValue;

#[derive(Clone, Copy, LabelValue)]
#[label(rename_all = "lowercase")]
enum Tier {
    GoldCard,
    Goldcard,
}

fn main() {}
