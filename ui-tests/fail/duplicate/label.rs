use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    cached: bool,
    #[label(rename = "cached")]
    stored: bool,
}

fn main() {}
