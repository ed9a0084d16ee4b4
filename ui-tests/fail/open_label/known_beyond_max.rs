use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct PathLabels<'a> {
    #[label(max = 1, known = ["/", "/health"])]
    path: &'a str,
}

fn main() {}
