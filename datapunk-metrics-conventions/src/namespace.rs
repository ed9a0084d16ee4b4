//! The prefix that the metrics of a set share.

use crate::name::grammar_finding;
use crate::words::{snake_case, spelling_fits};
use crate::{Finding, Profile, Rule};

/// Checks the namespace of a metric set.
#[must_use]
pub fn check_namespace(profile: Profile, namespace: &str) -> Vec<Finding> {
    let finding = match grammar_finding("namespace", namespace) {
        Some(finding) => finding,
        None if !spelling_fits(profile, namespace) => Finding::new(
            Rule::Naming,
            format!("namespace `{namespace}` is not snake_case"),
        ),
        None => return Vec::new(),
    };
    vec![finding.fix(fixed_namespace(namespace))]
}

/// The namespace closest to `namespace` that passes [`check_namespace`].
#[must_use]
pub fn fixed_namespace(namespace: &str) -> String {
    snake_case(namespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_is_snake_case() {
        for good in ["lake", "data_lake2"] {
            assert!(
                check_namespace(Profile::Datapunk, good).is_empty(),
                "{good}"
            );
        }
        for (bad, message, fix) in [
            (
                "DataLake",
                "namespace `DataLake` is not snake_case",
                "data_lake",
            ),
            ("lake_", "namespace `lake_` is not snake_case", "lake"),
            (
                "data-lake",
                "namespace `data-lake` contains `-`",
                "data_lake",
            ),
            (
                "data:lake",
                "namespace `data:lake` contains `:`",
                "data_lake",
            ),
            ("", "namespace is empty", "app"),
            (
                "2lake",
                "namespace `2lake` begins with a digit",
                "app_2lake",
            ),
        ] {
            let findings = check_namespace(Profile::Datapunk, bad);
            assert_eq!(findings.len(), 1, "{bad}");
            assert_eq!(findings[0].message, message);
            assert_eq!(findings[0].fix.as_deref(), Some(fix));
            assert!(check_namespace(Profile::Datapunk, fix).is_empty(), "{fix}");
        }
        assert!(check_namespace(Profile::Prometheus, "Lake").is_empty());
        assert!(!check_namespace(Profile::Prometheus, "dataLake").is_empty());
    }
}
