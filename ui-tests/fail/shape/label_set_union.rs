use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
union RequestLabels {
    cached: bool,
}

fn main() {}
