use datapunk_metrics::StateValue;

#[derive(Clone, Copy, StateValue)]
enum Mode {
    Open,
    Closed { since: u64 },
}

fn main() {}
