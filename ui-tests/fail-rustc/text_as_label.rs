use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    path: String,
}

fn main() {}
