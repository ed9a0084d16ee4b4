use datapunk_metrics::LabelSet;

// A word of several is compared by itself, whatever it means there.
#[derive(Clone, Copy, LabelSet)]
struct RouteLabels {
    pan_european: bool,
}

fn main() {}
