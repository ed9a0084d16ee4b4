use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    #[label(rename = "is-cached")]
    cached: bool,
}

fn main() {}
