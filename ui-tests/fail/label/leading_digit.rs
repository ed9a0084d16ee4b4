use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    #[label(rename = "2xx")]
    good: bool,
}

fn main() {}
