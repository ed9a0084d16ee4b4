//! Label names and values.

use crate::constant::label_is_reserved;
use crate::name::printable;
use crate::personal::{IDENTIFIERS, PERSONAL, SECRETS, listed_word};
use crate::words::{snake_case, spelling_fits, words};
use crate::{Finding, Profile, Rule, find_sensitive, mask};

/// Labels that belong to the formats or to the target, beside `__…` and `exported_…`.
pub(crate) const RESERVED: [&str; 5] = ["le", "quantile", "service", "instance", "job"];

/// Other names for reserved labels.
const INSTEAD: [(&str, &str); 5] = [
    ("le", "limit"),
    ("quantile", "share"),
    ("service", "upstream"),
    ("instance", "replica"),
    ("job", "task"),
];

/// Whether the values of a label are known when the program is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Openness {
    /// The values of an enum.
    Closed,
    /// Any text.
    Open,
}

/// Checks the name of a label.
#[must_use]
pub fn check_label_name(profile: Profile, label: &str, openness: Openness) -> Vec<Finding> {
    let mut findings = Vec::new();
    if let Some(finding) = name_is_free(profile, label).or_else(|| name_is_spelled(profile, label))
    {
        findings.push(finding.fix(fixed_label_name(label)));
    }
    if profile == Profile::Datapunk {
        findings.extend(name_holds_no_personal_data(label, openness));
    }
    findings
}

// Scrapers read `[a-zA-Z_][a-zA-Z0-9_]*`; the standard is stricter, and promlint refuses camelCase.
//
//     http_method    // accepted
//     httpMethod     // refused
fn name_is_spelled(profile: Profile, label: &str) -> Option<Finding> {
    let readable =
        |finding: Finding| finding.note("allowed characters are `a` to `z`, `0` to `9` and `_`");
    let shown = printable(label);
    if label.is_empty() {
        return Some(readable(Finding::new(Rule::Label, "label name is empty")));
    }
    if label.starts_with(|first: char| first.is_ascii_digit()) {
        return Some(readable(Finding::new(
            Rule::Label,
            format!("label `{shown}` begins with a digit"),
        )));
    }
    if let Some(bad) = label
        .chars()
        .find(|character| !character.is_ascii_alphanumeric() && *character != '_')
    {
        let message = format!("label `{shown}` contains `{}`", bad.escape_debug());
        return Some(readable(Finding::new(Rule::Label, message)));
    }
    (!spelling_fits(profile, label))
        .then(|| Finding::new(Rule::Naming, format!("label `{label}` is not snake_case")))
}

// The formats write some labels themselves, and a scrape adds others; a second one is renamed or refused.
//
//     limit    // accepted
//     le       // refused
fn name_is_free(profile: Profile, label: &str) -> Option<Finding> {
    let finding = |why: &str| {
        Finding::new(
            Rule::Label,
            format!("label `{}` is reserved for {why}", printable(label)),
        )
    };
    if label == "le" {
        return Some(finding("histogram buckets"));
    }
    if label == "quantile" {
        return Some(finding("summaries"));
    }
    if label.starts_with("__") {
        return Some(
            finding("Prometheus itself")
                .note("labels that begin with `__` are dropped after a scrape"),
        );
    }
    if profile == Profile::Prometheus || !label_is_reserved(label) {
        return None;
    }
    if label.starts_with("exported_") {
        return Some(finding("labels that clash with those of a scrape"));
    }
    Some(
        finding("the scraped target")
            .note(format!("the scrape adds it; exported by the application it comes back as `exported_{label}`"))
            .help("drop the label if it names this service, its instance or its scrape job"),
    )
}

/// The name closest to `label` that is free and well spelled.
fn fixed_label_name(label: &str) -> String {
    let mut name = snake_case(label);
    while let Some(rest) = name.strip_prefix("exported_") {
        name = snake_case(rest);
    }
    INSTEAD
        .iter()
        .find(|(taken, _)| *taken == name)
        .map_or(name, |(_, free)| (*free).to_owned())
}

// A metric is stored for long, copied often and read by many.
//
//     email_provider, user_tier    // accepted
//     user_email                   // refused
//     user_id: &str                // refused; a closed enum is accepted
fn name_holds_no_personal_data(label: &str, openness: Openness) -> Option<Finding> {
    const STANDARD: OwnWords<'static> = OwnWords {
        secrets: SECRETS,
        personal: PERSONAL,
        identifiers: IDENTIFIERS,
    };
    STANDARD.check(label, openness).map(|(finding, _)| finding)
}

/// Words that an organisation adds to those of the standard.
#[derive(Clone, Copy, Debug, Default)]
pub struct OwnWords<'a> {
    /// Refused in every label, as secrets.
    pub secrets: &'a [&'a str],
    /// Refused in every label, as personal data.
    pub personal: &'a [&'a str],
    /// Refused in open labels.
    pub identifiers: &'a [&'a str],
}

impl<'a> OwnWords<'a> {
    /// What is wrong with a label that has one of the words, and the word.
    #[must_use]
    pub fn check(&self, label: &str, openness: Openness) -> Option<(Finding, &'a str)> {
        words_are_absent(self, label, openness)
    }
}

fn words_are_absent<'a>(
    own: &OwnWords<'a>,
    label: &str,
    openness: Openness,
) -> Option<(Finding, &'a str)> {
    let name = words(label).join("_");
    let shown = printable(label);
    if let Some(word) = listed_word(&name, own.secrets) {
        return Some((
            Finding::new(
                Rule::PersonalData,
                format!("label `{shown}` matches the secret word `{word}`"),
            )
            .note("label values are stored and copied outside this service")
            .help(format!(
                "drop the label, or use one that says what kind it is, such as `{word}_type`"
            )),
            word,
        ));
    }
    if let Some(word) = listed_word(&name, own.personal) {
        return Some((
            Finding::new(
                Rule::PersonalData,
                format!("label `{shown}` matches the personal-data word `{word}`"),
            )
            .note("label values are stored and copied outside this service")
            .help("drop the label, or use a bounded one such as `user_tier`"),
            word,
        ));
    }
    if openness == Openness::Open
        && let Some(word) = listed_word(&name, own.identifiers)
    {
        return Some((
            Finding::new(
                Rule::PersonalData,
                format!("open label `{shown}` matches the identifier word `{word}`"),
            )
            .note("a limit on the number of values keeps as many identifiers as it allows; exemplars and logs have a place for them")
            .help("use a closed enum, or keep less of it: `Bucket`, `Truncate` or `Hmac` of `datapunk_metrics::privacy`"),
            word,
        ));
    }
    None
}

/// Checks a value of a label that is declared.
///
/// `prefixes` are those of secrets that an organisation adds.
#[must_use]
pub fn check_label_value(value: &str, prefixes: &[&str]) -> Vec<Finding> {
    // Prometheus takes a label without a value for a label that is not there.
    if value.is_empty() {
        return vec![
            Finding::new(Rule::Label, "label value is empty")
                .note("a label without a value is the same as no label")
                .fix("none"),
        ];
    }
    if let Some(found) = find_sensitive(value, prefixes).first() {
        let message = format!(
            "label value `{}` contains {}",
            printable(&mask(value, prefixes)),
            found.what.as_str()
        );
        return vec![
            Finding::new(Rule::PersonalData, message)
                .note("label values are stored and copied outside this service")
                .help("name the value by what it stands for"),
        ];
    }
    // They are legal when escaped, and invisible or worse in every display.
    let Some(control) = value.chars().find(|character| character.is_control()) else {
        return Vec::new();
    };
    let printed: String = value
        .chars()
        .filter(|character| !character.is_control())
        .collect();
    let fix = if printed.is_empty() {
        "none".to_owned()
    } else {
        printed
    };
    vec![
        Finding::new(
            Rule::Label,
            format!(
                "label value `{}` contains the control character U+{:04X}",
                printable(value),
                u32::from(control)
            ),
        )
        .fix(fix),
    ]
}
