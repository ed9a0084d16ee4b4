use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    phone_numbers: bool,
}

fn main() {}
