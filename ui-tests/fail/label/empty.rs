use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    #[label(rename = "")]
    cached: bool,
}

fn main() {}
