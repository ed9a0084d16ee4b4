use datapunk_metrics::LabelSet;

/// Words that only look like personal data, and names whose last word makes them safe.
#[derive(Clone, Copy, LabelSet)]
struct SafeLabels {
    email_provider: bool,
    token_type: bool,
    password_policy: bool,
    company: bool,
    emailed: bool,
    tokens: bool,
    tokens_type: bool,
    description: bool,
    #[label(allow(personal_data, reason = "all of Europe"))]
    pan_european: bool,
    user_id: bool,
    #[label(allow(personal_data, reason = "the street of a poker round, not of a person"))]
    street: bool,
}

fn main() {
    let waived = SafeLabels::LABELS.iter().filter(|label| !label.waivers.is_empty());
    let waived: Vec<_> = waived.map(|label| (label.name, label.waivers[0].rule)).collect();
    assert_eq!(waived, [("pan_european", "personal_data"), ("street", "personal_data")]);
}
