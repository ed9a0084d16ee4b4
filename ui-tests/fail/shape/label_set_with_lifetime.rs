use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct PathLabels<'a> {
    path: &'a str,
}

fn main() {}
