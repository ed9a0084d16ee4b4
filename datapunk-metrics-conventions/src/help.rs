//! Help texts.

use crate::{Finding, Rule, find_sensitive, mask};

/// Checks the help text of a metric.
///
/// `prefixes` are those of secrets that an organisation adds.
#[must_use]
pub fn check_help(name: &str, help: &str, prefixes: &[&str]) -> Vec<Finding> {
    // A help that only dashboards and catalogues show is missed by the person who needs it most.
    if help.trim().is_empty() {
        return vec![
            Finding::new(Rule::Help, format!("metric `{name}` has no help text"))
                .help("add a doc comment that says what is measured"),
        ];
    }
    let found = find_sensitive(help, prefixes).into_iter().next();
    found
        .map(|found| {
            let what = found.what.as_str();
            let message = format!("the help text of metric `{name}` contains {what}");
            let masked = mask(help, prefixes);
            Finding::new(Rule::PersonalData, message)
                .note("help texts are exposed, stored and copied outside this service")
                .help(format!("leave it out: `{masked}`"))
        })
        .into_iter()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_help_is_no_help() {
        for blank in ["", " ", "\n\t "] {
            let findings = check_help("go_goroutines", blank, &[]);
            assert_eq!(findings.len(), 1, "{blank:?}");
            assert_eq!(findings[0].rule, Rule::Help);
            assert_eq!(
                findings[0].message,
                "metric `go_goroutines` has no help text"
            );
        }
        assert!(check_help("go_goroutines", "Number of goroutines.", &[]).is_empty());
    }

    #[test]
    fn a_help_names_nobody_and_tells_no_secret() {
        let findings = check_help("mails_total", "Mails to ops@example.com.", &[]);
        assert_eq!(
            findings[0].message,
            "the help text of metric `mails_total` contains an e-mail address"
        );
        assert_eq!(
            findings[0].help.as_deref(),
            Some("leave it out: `Mails to [REDACTED].`")
        );
        let own = check_help("keys_total", "As acme_0123abcd.", &["acme_"]);
        assert_eq!(own[0].rule, Rule::PersonalData);
    }
}
