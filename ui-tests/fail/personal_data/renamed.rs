use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    #[label(rename = "iban")]
    account: bool,
}

fn main() {}
