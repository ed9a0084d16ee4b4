use datapunk_metrics::StateValue;

#[derive(Clone, Copy, StateValue)]
enum Mode {
    Open = 0,
    HalfOpen = 1,
    #[state(value = 1)]
    Closed = 2,
}

fn main() {}
