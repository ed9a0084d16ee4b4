use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
#[label("request")]
struct RequestLabels {
    cached: bool,
}

fn main() {}
