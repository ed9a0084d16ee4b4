use datapunk_metrics::StateValue;

#[derive(Clone, Copy, StateValue)]
enum Mode {
    #[state(number = 1)]
    Open,
}

fn main() {}
