use datapunk_metrics::StateValue;

#[derive(Clone, Copy, StateValue)]
enum Mode {
    #[state(value = "one")]
    Open,
}

fn main() {}
