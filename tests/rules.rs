//! Rule files against metric sets: what the compiler accepts, and what the check at run time says.

#[path = "rules/fuzz.rs"]
mod fuzz;
#[path = "rules/hundred.rs"]
mod hundred;
#[path = "rules/oracle.rs"]
mod oracle;

use std::collections::{BTreeMap, BTreeSet};

use datapunk_metrics::host::{DiskMetrics, NetworkMetrics};
use datapunk_metrics::process::ProcessMetrics;
use datapunk_metrics::rules::{ALERTS, Findings, RECORDING, RuleCheck, RuleFile, RuleFiles};
use datapunk_metrics::standard::{
    AuthMetrics, BreakerMetrics, CacheMetrics, EtlMetrics, HttpMetrics, LagMetrics, RetryMetrics,
    ServiceHealthMetrics,
};
use datapunk_metrics::{MetricSet as _, SetDescriptor, include_rules};
use support::project::{Member, Project};

/// They compile: each name, label, value and threshold is there.
const SHIPPED: RuleFiles = include_rules!(
    [
        "../datapunk-metrics/rules/recording.yml",
        "../datapunk-metrics/rules/alerts.yml",
    ],
    scrape_interval = "15s",
    sets = [
        ServiceHealthMetrics,
        HttpMetrics,
        ProcessMetrics,
        DiskMetrics,
        NetworkMetrics,
        CacheMetrics,
        BreakerMetrics,
        RetryMetrics,
        AuthMetrics,
        EtlMetrics,
        LagMetrics,
    ],
    external = {
        rabbitmq_queue_messages: [queue, vhost],
        rabbitmq_detailed_queue_messages: [queue, vhost],
    },
);

const SETS: &[&SetDescriptor] = &[
    ServiceHealthMetrics::DESCRIPTOR,
    HttpMetrics::DESCRIPTOR,
    ProcessMetrics::DESCRIPTOR,
    DiskMetrics::DESCRIPTOR,
    NetworkMetrics::DESCRIPTOR,
    CacheMetrics::DESCRIPTOR,
    BreakerMetrics::DESCRIPTOR,
    RetryMetrics::DESCRIPTOR,
    AuthMetrics::DESCRIPTOR,
    EtlMetrics::DESCRIPTOR,
    LagMetrics::DESCRIPTOR,
];

/// The alerts of the standard as it was written first, word for word.
const ORIGINAL: &str = include_str!("rules/original.yml");

fn check() -> RuleCheck {
    RuleCheck::new()
        .external("rabbitmq_queue_messages", &["queue", "vhost"])
        .external("rabbitmq_detailed_queue_messages", &["queue", "vhost"])
}

/// What is wrong with each alert, in one line each.
fn facts(findings: &Findings) -> BTreeMap<String, Vec<String>> {
    let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mistake in &findings.mistakes {
        let (_, rest) = mistake.split_once("alert `").expect("it is about an alert");
        let (alert, fact) = rest.split_once("`: ").expect("it says what is wrong");
        let fact = fact.lines().next().unwrap_or_default().to_owned();
        facts.entry(alert.to_owned()).or_default().push(fact);
    }
    facts
}

#[test]
fn the_bound_of_a_bucket_is_no_label_of_a_target() {
    let rules = "groups: [{name: g, rules: [{record: \"service:up:min\", expr: 'min by (service) (service_up{le=\"1\"})'}]}]";
    let mistakes = |check: RuleCheck| check.text("rules.yml", rules).against(SETS).mistakes;
    let as_declared = mistakes(check());
    let [mistake] = as_declared.as_slice() else {
        panic!("{as_declared:?}");
    };
    assert!(mistake.contains("has no label `le`"), "{mistake}");
    let with_bound = check().target_labels(&["service", "instance", "job", "le"]);
    assert_eq!(mistakes(with_bound), as_declared);
}

#[test]
fn the_shipped_files_compile_and_are_in_the_program() {
    let texts: Vec<&str> = SHIPPED.files().iter().map(RuleFile::text).collect();
    assert_eq!(texts, [RECORDING, ALERTS]);
    for file in SHIPPED.files() {
        assert_eq!(file.notes().collect::<Vec<_>>(), [""; 0]);
        let findings = check().text(file.path(), file.text()).against(SETS);
        assert_eq!(findings, Findings::default(), "{}", file.path());
    }
}

#[test]
fn every_wrong_label_and_self_division_of_the_original_is_refused() {
    let findings = check().text("original.yml", ORIGINAL).against(SETS);
    let found = facts(&findings);
    let found: Vec<(&str, Vec<&str>)> = found
        .iter()
        .map(|(alert, facts)| (alert.as_str(), facts.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        found,
        [
            ("DataLagHigh", vec!["the alert has no label `stream`"]),
            (
                "HighAuthFailureRate",
                vec!["the sides of `/` never match: only the left has `reason`"]
            ),
            (
                "HighErrorRate",
                vec!["each series is divided by itself: `status` is kept on both sides"]
            ),
        ]
    );
}

/// The alerts of a file that is written as the original is: name, expression, and the labels that its texts show.
fn alerts(file: &str) -> Vec<(&str, String, BTreeSet<&str>)> {
    let alerts = file.split("- alert: ").skip(1);
    let alerts = alerts.map(|alert| {
        let name = alert.lines().next().expect("a name").trim();
        let (_, expression) = alert.split_once("expr: ").expect("an expression");
        let (expression, texts) = expression.split_once("for: ").expect("a duration");
        let labels = texts.split("$labels.").skip(1).map(|label| {
            let end = label.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
            &label[..end.unwrap_or(label.len())]
        });
        let lines = expression.trim_start_matches('|').lines();
        let without_comments = lines.map(|line| line.split('#').next().unwrap_or_default());
        (name, without_comments.collect(), labels.collect())
    });
    alerts.collect()
}

/// An expression without what is between braces.
fn without_matchers(expression: &str) -> String {
    let parts = expression
        .split('{')
        .map(|part| match part.split_once('}') {
            Some((_, rest)) => rest,
            None => part,
        });
    parts.collect::<String>().replace(char::is_whitespace, "")
}

/// That the list above is whole, by a look at the text that shares nothing with the check.
#[test]
fn the_original_has_no_other_wrong_label_and_no_other_self_division() {
    let alerts = alerts(ORIGINAL);
    assert_eq!(alerts.len(), 20);
    // The labels of each metric that the alerts read, from the standard's table; those of the targets aside.
    let labels_of: &[(&str, &[&str])] = &[
        ("health_status", &["check_type"]),
        ("http_requests_total", &["method", "path", "status"]),
        ("process_memory_bytes", &["type"]),
        ("disk_free_bytes", &["mountpoint"]),
        ("http_request_duration_seconds_bucket", &["method", "path"]),
        ("cache_hit_ratio", &["cache"]),
        ("cache_evictions_total", &["cache"]),
        ("rabbitmq_queue_messages", &["queue", "vhost"]),
        ("retry_attempts_total", &["operation"]),
        ("circuit_breaker_state", &["upstream"]),
        ("auth_failures_total", &["method", "reason"]),
        ("etl_job_status", &["etl_job"]),
        ("stream_lag_seconds", &["topic", "partition"]),
        ("network_errors_total", &["device"]),
    ];
    for service_is_set in [true, false] {
        let of_target: &[&str] = if service_is_set {
            &["service", "instance", "job"]
        } else {
            // The original's scrape configuration sets none.
            &["instance", "job"]
        };
        let findings = check()
            .target_labels(of_target)
            .text("original.yml", ORIGINAL)
            .against(SETS);
        let found = facts(&findings);
        for (name, expression, shown) in &alerts {
            let mut known: BTreeSet<&str> = of_target.iter().copied().collect();
            for (metric, labels) in labels_of {
                if expression.contains(metric) {
                    known.extend(*labels);
                }
            }
            let mut expected: Vec<String> = Vec::new();
            let sides = without_matchers(expression);
            if let Some((left, right)) = sides.split_once('/') {
                let right = right.split(['>', '<']).next().unwrap_or_default();
                if left == right {
                    expected.push("each series is divided by itself".to_owned());
                }
            }
            for label in shown.difference(&known) {
                expected.push(format!("the alert has no label `{label}`"));
            }
            let of_alert = found.get(*name).cloned().unwrap_or_default();
            for fact in &expected {
                assert!(
                    of_alert
                        .iter()
                        .any(|found| found.starts_with(fact.as_str())),
                    "{name}: `{fact}` is not among {of_alert:?}"
                );
            }
            // One side has a label more: no look at the text alone tells.
            let others = usize::from(*name == "HighAuthFailureRate");
            let distinct: BTreeSet<&String> = of_alert.iter().collect();
            assert_eq!(
                distinct.len(),
                expected.len() + others,
                "{name}: {of_alert:?}"
            );
        }
    }
}

/// A crate of three hundred metrics and a hundred rules.
fn hundred(name: &str, has_mistakes: bool) -> Project {
    let source = hundred::source();
    let project = Project::new(
        name,
        &[Member::new(name, &source).depending_on(
            "datapunk-metrics = { path = \"DATAPUNK_METRICS\", features = [\"rules\"] }\n",
        )],
    );
    project.write(&format!("{name}/rules.yml"), &hundred::rules(has_mistakes));
    project
}

/// The crates of the toolkit's tree, in a project that turns these features on.
fn tree(name: &str, features: &str) -> BTreeSet<String> {
    let source = "#[derive(datapunk_metrics::MetricSet)]\n#[metrics(namespace = \"bare\")]\npub struct Bare {\n    \
                  /// Calls.\n    pub calls_made_total: datapunk_metrics::Counter,\n}\n";
    let project = Project::new(
        name,
        &[Member::new(name, source).depending_on(&format!(
            "datapunk-metrics = {{ path = \"DATAPUNK_METRICS\", features = [{features}] }}\n"
        ))],
    );
    let arguments = [
        "tree",
        "--edges",
        "normal,build",
        "--prefix",
        "none",
        "--format",
        "{p}",
    ];
    let tree = project.cargo(&arguments);
    tree.expect_success();
    let crates = tree.log.lines().filter_map(|line| line.split(' ').next());
    crates.map(str::to_owned).collect()
}

#[test]
fn the_feature_adds_nothing_to_those_who_do_not_enable_it() {
    let (without, with) = (tree("tree_without", ""), tree("tree_with", "\"rules\""));
    for parser in [
        "datapunk-metrics-rules",
        "promql-parser",
        "saphyr",
        "regex-automata",
    ] {
        assert!(with.contains(parser), "{parser} is not in {with:?}");
        assert!(!without.contains(parser), "{parser} is in {without:?}");
    }
    // Itself, its parts and what the default tree has.
    assert!(without.contains("datapunk-metrics"), "{without:?}");
    assert!(without.len() < with.len());
}

#[test]
fn a_hundred_rules_compile_against_three_hundred_metrics_without_a_long_evaluation() {
    let built = hundred("hundred_right", false).cargo(&["check"]);
    built.expect_success();
    assert!(
        !built
            .log
            .contains("constant evaluation is taking a long time")
    );
}

/// The name that is meant by a wrong one.
fn right(name: &str) -> String {
    let spelled = hundred::SPELLED.iter();
    spelled.fold(name.to_owned(), |name, (right, wrong)| {
        name.replace(wrong, right)
    })
}

#[test]
fn two_hundred_mistakes_are_found_at_once_without_a_long_evaluation() {
    let built = hundred("hundred_wrong", true).cargo(&["check"]);
    built.expect_failure(&[]);
    let named = |before: &str| -> Vec<&str> {
        let rest = built.log.split(before).skip(1);
        rest.filter_map(|rest| rest.split('`').next()).collect()
    };
    let wrong = named("no set declares a metric `");
    let meant = named("help: a metric with a similar name exists: `");
    let mistakes = hundred::RULES * hundred::MISTAKES_OF_A_RULE;
    assert_eq!((wrong.len(), meant.len()), (mistakes, mistakes));
    for (wrong, meant) in wrong.into_iter().zip(meant) {
        assert_eq!(right(wrong), meant);
    }
    assert_eq!(built.log.matches("error[E0080]").count(), 1);
    assert!(
        !built
            .log
            .contains("constant evaluation is taking a long time")
    );
}
