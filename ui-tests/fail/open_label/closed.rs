use datapunk_metrics::{LabelSet, Outcome};

#[derive(Clone, Copy, LabelSet)]
struct JobLabels {
    #[label(max = 2)]
    outcome: Outcome,
}

fn main() {}
