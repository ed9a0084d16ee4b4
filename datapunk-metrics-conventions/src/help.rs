//! Help texts.

use crate::{Finding, Rule};

/// Checks the help text of a metric.
#[must_use]
pub fn check_help(name: &str, help: &str) -> Vec<Finding> {
    // A help that only dashboards and catalogues show is missed by the person who needs it most.
    if !help.trim().is_empty() {
        return Vec::new();
    }
    vec![
        Finding::new(Rule::Help, format!("metric `{name}` has no help text"))
            .help("add a doc comment that says what is measured"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blank_help_is_no_help() {
        for blank in ["", " ", "\n\t "] {
            let findings = check_help("go_goroutines", blank);
            assert_eq!(findings.len(), 1, "{blank:?}");
            assert_eq!(findings[0].rule, Rule::Help);
            assert_eq!(
                findings[0].message,
                "metric `go_goroutines` has no help text"
            );
        }
        assert!(check_help("go_goroutines", "Number of goroutines.").is_empty());
    }
}
