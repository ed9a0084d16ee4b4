use datapunk_metrics::{LabelSet, StatusCode};

#[derive(Clone, Copy, LabelSet)]
struct CodeLabels {
    a: StatusCode,
    b: StatusCode,
    c: StatusCode,
    d: StatusCode,
    e: StatusCode,
    f: StatusCode,
    g: StatusCode,
    h: StatusCode,
    i: StatusCode,
    j: StatusCode,
    k: StatusCode,
    l: StatusCode,
}

fn main() {}
