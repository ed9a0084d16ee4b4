use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct PathLabels<'a, 'b> {
    path: &'a str,
    topic: &'b str,
}

fn main() {}
