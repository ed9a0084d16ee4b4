use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    #[label(allow(personal_data, reason = "holds a kind"))]
    email_provider: bool,
}

fn main() {}
