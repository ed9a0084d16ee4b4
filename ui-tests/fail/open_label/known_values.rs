use datapunk_metrics::LabelSet;

#[derive(Clone, Copy, LabelSet)]
struct PathLabels<'a> {
    #[label(known = ["", "/", "/", 3, "a\nb"])]
    path: &'a str,
    #[label(known = [])]
    topic: &'a str,
    #[label(known = "mail")]
    queue: &'a str,
    #[label(known = ["long"], max_bytes = 3)]
    shard: &'a str,
    #[label(known = ["longer"], max_bytes = 5)]
    device: &'a str,
    #[label(max = 0)]
    tenant: &'a str,
}

fn main() {}
