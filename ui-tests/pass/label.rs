use datapunk_metrics::{LabelSet, LabelValue, Method};

/// Near the reserved names, but free.
#[derive(Clone, Copy, LabelSet)]
struct FreeLabels {
    level: bool,
    limit: bool,
    services: bool,
    job_name: bool,
    r#type: bool,
    quantiles: bool,
    #[label(rename = "http_method")]
    method: Method,
}

#[derive(Clone, Copy, LabelValue)]
enum Tier {
    #[label(rename = "none")]
    None,
    #[label(rename = "two words, a \"quote\" and ü")]
    Odd,
    #[label(rename = 404)]
    Number,
}

fn main() {
    assert_eq!(FreeLabels::LABELS[4].name, "type");
    assert_eq!(FreeLabels::LABELS[6].name, "http_method");
    assert_eq!(Tier::VALUES[2], "404");
    let _ = [Tier::None, Tier::Odd, Tier::Number];
}
