use datapunk_metrics::StateValue;

#[derive(Clone, Copy, StateValue)]
enum Mode<const N: usize> {
    Open,
}

fn main() {}
