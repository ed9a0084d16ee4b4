//! Names and values as a scraper reads them.

use std::borrow::Cow;

use datapunk_metrics_conventions::{
    Kind, Openness, Profile, Rule, check_label_name, label_is_reserved,
};
use metrics::Label;

use crate::privacy::mask;

/// The bytes of a label value that are kept.
pub(super) const LONGEST_VALUE: usize = 256;

/// The value of every label of the series that takes what is beyond a limit.
pub(super) const OTHER: &str = "other";

/// Labels by name.
pub(super) type Labels = Vec<(String, String)>;

/// Labels as they are exposed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Exposed {
    pub(super) labels: Labels,
    /// Labels that name a person or a secret.
    pub(super) personal: Vec<String>,
    /// Labels that have the name of another one, after the names were made valid.
    pub(super) twice: Vec<String>,
    /// How many values were masked.
    pub(super) masked: u64,
    /// How many values were cut.
    pub(super) cut: u64,
}

impl Exposed {
    pub(super) fn new<'a>(labels: impl Iterator<Item = &'a Label>) -> Self {
        let mut exposed = Self::default();
        for label in labels {
            let name = label_name(label.key());
            if names_a_person(&name) || names_a_person(label.key()) {
                exposed.personal.push(name);
            } else if exposed.labels.iter().any(|(taken, _)| *taken == name) {
                exposed.twice.push(name);
            } else {
                let masked = mask(label.value());
                let value = cut(&masked);
                exposed.masked += u64::from(matches!(masked, Cow::Owned(_)));
                exposed.cut += u64::from(value.len() < masked.len());
                exposed.labels.push((name, value.to_owned()));
            }
        }
        exposed.labels.sort_unstable();
        exposed
    }

    /// Whether other labels can't be exposed as the same ones.
    pub(super) fn is_exact(&self) -> bool {
        self.personal.is_empty() && self.twice.is_empty() && self.masked == 0 && self.cut == 0
    }

    /// Those of the series that takes what is beyond the limit.
    pub(super) fn overflow(&self) -> Labels {
        let labels = self.labels.iter();
        labels
            .map(|(name, _)| (name.clone(), OTHER.to_owned()))
            .collect()
    }
}

/// The name of a metric. It may be made of what comes from outside, as its labels may. A counter ends in `_total`, as OpenMetrics demands.
pub(super) fn metric_name(name: &str, kind: Kind) -> String {
    let mut name = valid(&mask(name));
    if kind == Kind::Counter && !(name.len() > "_total".len() && name.ends_with("_total")) {
        name.push_str("_total");
    }
    name
}

/// The name of a label. What belongs to the scrape or to a format is called as the scrape would call it.
fn label_name(name: &str) -> String {
    let name = valid(mask(name).trim_start_matches('_'));
    if !name.starts_with("exported_")
        && (label_is_reserved(&name) || name == "le" || name == "quantile")
    {
        format!("exported_{name}")
    } else {
        name
    }
}

/// Letters, digits and `_`, not beginning with a digit.
fn valid(name: &str) -> String {
    let mut valid = String::with_capacity(name.len());
    if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
        valid.push('_');
    }
    valid.extend(name.chars().map(|character| {
        if character.is_ascii_alphanumeric() {
            character
        } else {
            '_'
        }
    }));
    valid
}

fn names_a_person(name: &str) -> bool {
    check_label_name(Profile::Datapunk, name, Openness::Open)
        .iter()
        .any(|finding| finding.rule == Rule::PersonalData)
}

fn cut(value: &str) -> &str {
    &value[..value.floor_char_boundary(LONGEST_VALUE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_made_valid() {
        for (name, kind, exposed) in [
            ("http.requests", Kind::Counter, "http_requests_total"),
            ("http_requests_total", Kind::Counter, "http_requests_total"),
            ("_total", Kind::Counter, "_total_total"),
            ("a::b-c d", Kind::Gauge, "a__b_c_d"),
            ("2xx", Kind::Gauge, "_2xx"),
            ("größe", Kind::Histogram, "gr__e"),
            ("", Kind::Gauge, "_"),
        ] {
            assert_eq!(metric_name(name, kind), exposed, "{name}");
        }
    }

    fn exposed(labels: &[(&'static str, &'static str)]) -> Exposed {
        let labels: Vec<_> = labels
            .iter()
            .map(|(name, value)| Label::new(*name, *value))
            .collect();
        Exposed::new(labels.iter())
    }

    #[test]
    fn labels_of_the_scrape_and_of_formats_are_called_as_the_scrape_calls_them() {
        let names = [
            ("le", "exported_le"),
            ("quantile", "exported_quantile"),
            ("service", "exported_service"),
            ("exported_job", "exported_job"),
            ("__name__", "name__"),
            ("http.method", "http_method"),
        ];
        for (name, as_exposed) in names {
            let found = exposed(&[(name, "x")]);
            assert_eq!(found.labels, [(as_exposed.to_owned(), "x".to_owned())]);
            assert!(found.is_exact());
        }
    }

    #[test]
    fn labels_that_name_a_person_or_a_secret_are_left_out() {
        for name in [
            "user_id",
            "email",
            "user.email",
            "session-key",
            "client_ip",
            "userId",
        ] {
            let found = exposed(&[(name, "x"), ("method", "get")]);
            assert_eq!(
                found.labels,
                [("method".to_owned(), "get".to_owned())],
                "{name}"
            );
            assert_eq!(found.personal.len(), 1);
            assert!(!found.is_exact());
        }
        assert!(exposed(&[("token_type", "x")]).is_exact());
    }

    #[test]
    fn values_that_are_secret_are_masked() {
        let found = exposed(&[
            ("target", "postgres://app:hunter2@db/orders"),
            ("host", "db"),
        ]);
        let target = (
            "target".to_owned(),
            "postgres://[REDACTED]@db/orders".to_owned(),
        );
        assert!(found.labels.contains(&target), "{found:?}");
        assert_eq!((found.masked, found.is_exact()), (1, false));
    }

    #[test]
    fn the_second_label_of_a_name_and_the_end_of_a_long_value_are_left_out() {
        let found = exposed(&[("a.b", "first"), ("a_b", "second")]);
        assert_eq!(found.labels, [("a_b".to_owned(), "first".to_owned())]);
        assert_eq!(found.twice, ["a_b"]);
        let long: &'static str = "é".repeat(200).leak();
        let found = exposed(&[("a", long)]);
        assert_eq!(found.labels[0].1, "é".repeat(128));
        assert_eq!(found.cut, 1);
    }
}
