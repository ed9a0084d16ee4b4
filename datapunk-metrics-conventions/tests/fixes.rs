//! Fixed names: each passes every rule, whatever it was made from.

use datapunk_metrics_conventions::{
    Kind, MetricFacts, Openness, Profile, Rule, check_buckets, check_label_name, check_label_value,
    check_metric_name, check_namespace, closest, fixed_metric_name, fixed_namespace,
};
use proptest::prelude::*;

/// Segments that the rules know something about, and some that they don't.
const WORDS: &[&str] = &[
    "http",
    "requests",
    "request",
    "duration",
    "size",
    "length",
    "items",
    "in",
    "flight",
    "up",
    "state",
    "status",
    "current",
    "total",
    "count",
    "sum",
    "bucket",
    "created",
    "info",
    "gauge",
    "counter",
    "histogram",
    "summary",
    "ms",
    "s",
    "kb",
    "m",
    "seconds",
    "bytes",
    "ratio",
    "celsius",
    "kelvin",
    "metres",
    "milliseconds",
    "kilobits",
    "percent",
    "hours",
    "days",
    "rate",
    "cores",
    "timestamp",
    "process",
    "open",
    "fds",
    "9",
    "2xx",
    "MS",
    "Total",
    "Counter",
    "requestsTotal",
    "HTTPServer",
    "a:b",
    "a-b",
    "",
    "ü",
    "app",
    "decibels",
    "per",
    "second",
];

const UNITS: &[Option<&str>] = &[
    None,
    Some(""),
    Some("seconds"),
    Some("bytes"),
    Some("ratio"),
    Some("cores"),
    Some("decibels"),
    Some("requests_per_second"),
    Some("items_per_seconds"),
    Some("ms"),
    Some("kilobits"),
    Some("total"),
    Some("Mixed-Case"),
    Some("9"),
];

fn names() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(WORDS), 0..6).prop_map(|words| words.join("_")),
        1 => "[a-zA-Z0-9_:]{0,20}",
        1 => any::<String>(),
    ]
}

prop_compose! {
    fn facts()(
        profile in prop::sample::select(&Profile::ALL[..]),
        kind in prop::sample::select(&Kind::ALL[..]),
        unit in prop::sample::select(UNITS),
        in_flight in any::<bool>(),
    ) -> MetricFacts<'static> {
        MetricFacts { profile, kind, name: "", unit: unit.filter(|_| kind == Kind::Histogram), in_flight }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8_000))]

    #[test]
    fn a_fixed_name_has_no_findings(facts in facts(), name in names()) {
        let facts = MetricFacts { name: &name, ..facts };
        let fixed = fixed_metric_name(&facts);
        let left = check_metric_name(&MetricFacts { name: &fixed, ..facts });
        prop_assert!(left.is_empty(), "{name:?} became {fixed:?}: {left:#?}");
        // Every scraper reads it.
        prop_assert!(fixed.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_'), "{fixed:?}");
        prop_assert!(!fixed.is_empty() && !fixed.starts_with(|first: char| first.is_ascii_digit()));
    }

    #[test]
    fn a_name_without_findings_is_kept_and_one_with_findings_is_not(facts in facts(), name in names()) {
        let facts = MetricFacts { name: &name, ..facts };
        let findings = check_metric_name(&facts);
        let fixed = fixed_metric_name(&facts);
        prop_assert_eq!(findings.is_empty(), fixed == name, "{:?} became {:?}: {:#?}", name, fixed, findings);
        for finding in &findings {
            prop_assert_eq!(finding.fix.as_deref(), Some(fixed.as_str()));
            prop_assert!(!finding.message.contains(char::is_control));
        }
    }

    #[test]
    fn a_fixed_namespace_has_no_findings(namespace in names()) {
        let fixed = fixed_namespace(&namespace);
        prop_assert!(check_namespace(Profile::Datapunk, &fixed).is_empty());
        prop_assert!(check_namespace(Profile::Prometheus, &fixed).is_empty());
        prop_assert_eq!(check_namespace(Profile::Datapunk, &namespace).is_empty(), fixed == namespace);
    }

    #[test]
    fn a_fixed_label_is_free_and_well_spelled(label in prop_oneof![
        names(), "(__|exported_|le|job|service|quantile|_){1,4}"
    ]) {
        for finding in check_label_name(Profile::Datapunk, &label, Openness::Open) {
            let Some(fix) = finding.fix else {
                prop_assert_eq!(finding.rule, Rule::PersonalData);
                continue;
            };
            let left = check_label_name(Profile::Datapunk, &fix, Openness::Closed);
            prop_assert!(left.iter().all(|left| left.rule == Rule::PersonalData), "{label:?} became {fix:?}");
        }
        for finding in check_label_value(&label, &[]) {
            if let Some(fix) = &finding.fix {
                prop_assert!(check_label_value(fix, &[]).is_empty());
            }
        }
    }

    #[test]
    fn nothing_panics(bounds in prop::collection::vec(any::<f64>(), 0..6), word in any::<String>(), other in names()) {
        let _ = check_buckets(&bounds);
        prop_assert!(closest(&word, [other.as_str()]).is_none_or(|near| near == other));
    }
}
