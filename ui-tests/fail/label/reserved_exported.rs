use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    exported_zone: bool,
}

fn main() {}
