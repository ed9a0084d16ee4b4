use datapunk_metrics::{LabelSet, Method};

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    #[label(rename = "httpMethod")]
    method: Method,
}

fn main() {}
