use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct RequestLabels {
    #[label(rename = "__shard")]
    shard: bool,
}

fn main() {}
