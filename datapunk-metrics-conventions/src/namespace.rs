//! The prefix that the metrics of a set share.

use crate::name::{base_instead_of, grammar_finding, is_type, type_finding};
use crate::words::{snake_case, spelling_fits};
use crate::{Finding, Kind, MetricFacts, Profile, Rule, fixed_metric_name};

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

/// What the words of a well-spelled namespace break in the name of every metric: units that are not base units, and
/// metric types.
///
/// All findings carry the same `fix`: a namespace without such words.
#[must_use]
pub fn check_namespace_words(profile: Profile, namespace: &str) -> Vec<Finding> {
    let segments: Vec<String> = namespace.split('_').map(str::to_owned).collect();
    // The first segment may be the name of a tool.
    let found_type = segments.iter().skip(1).find(|segment| is_type(segment));
    let unit = segments
        .iter()
        .enumerate()
        .find(|(at, segment)| base_instead_of(profile, segment, *at).is_some());
    let mut findings = Vec::new();
    if let Some(found) = found_type {
        findings.push(type_finding(&format!("namespace `{namespace}`"), found));
    }
    if let Some((_, unit)) = unit {
        findings.push(Finding::new(
            Rule::Unit,
            format!("namespace `{namespace}` uses `{unit}`, which is not a base unit"),
        ));
    }
    findings
        .into_iter()
        .map(|finding| finding.fix(without_such_words(namespace)))
        .collect()
}

/// The namespace that is left when a name with it is corrected.
fn without_such_words(namespace: &str) -> String {
    const REST: &str = "_things_seen_total";
    let fixed = fixed_metric_name(&MetricFacts {
        profile: Profile::Datapunk,
        kind: Kind::Counter,
        name: &format!("{namespace}{REST}"),
        unit: None,
        in_flight: false,
    });
    fixed
        .strip_suffix(REST)
        .map_or_else(|| fixed_namespace(namespace), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_namespace_holds_no_unit_and_no_type() {
        for (bad, message, fix) in [
            (
                "lake_ms",
                "namespace `lake_ms` uses `ms`, which is not a base unit",
                "lake_seconds",
            ),
            (
                "hours",
                "namespace `hours` uses `hours`, which is not a base unit",
                "seconds",
            ),
            (
                "lake_histogram",
                "namespace `lake_histogram` holds the metric type `histogram`",
                "lake",
            ),
        ] {
            let findings = check_namespace_words(Profile::Datapunk, bad);
            assert_eq!(findings.len(), 1, "{bad}");
            assert_eq!(findings[0].message, message);
            assert_eq!(findings[0].fix.as_deref(), Some(fix));
        }
        for good in ["ms", "gauge", "lake_seconds", "lake"] {
            assert!(
                check_namespace_words(Profile::Datapunk, good).is_empty(),
                "{good}"
            );
        }
    }

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
