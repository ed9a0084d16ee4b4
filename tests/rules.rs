//! Rule files against metric sets: what the compiler accepts, and what the check at run time says.

#[expect(
    dead_code,
    reason = "nothing is recorded: the declarations are what is tested"
)]
#[path = "rules/sets.rs"]
mod sets;

use std::collections::BTreeMap;

use datapunk_metrics::process::ProcessMetrics;
use datapunk_metrics::rules::{ALERTS, Findings, RECORDING, RuleCheck, RuleFile, RuleFiles};
use datapunk_metrics::{MetricSet as _, SetDescriptor, include_rules};
use sets::{
    AuthMetrics, CacheMetrics, HttpMetrics, MachineMetrics, MeshMetrics, PipelineMetrics,
    ServiceMetrics,
};

/// They compile: each name, label, value and threshold is there.
const SHIPPED: RuleFiles = include_rules!(
    [
        "../datapunk-metrics/rules/recording.yml",
        "../datapunk-metrics/rules/alerts.yml",
    ],
    scrape_interval = "15s",
    sets = [
        ServiceMetrics,
        HttpMetrics,
        ProcessMetrics,
        MachineMetrics,
        CacheMetrics,
        MeshMetrics,
        AuthMetrics,
        PipelineMetrics,
    ],
    external = {
        rabbitmq_queue_messages: [queue, vhost],
        rabbitmq_detailed_queue_messages: [queue, vhost],
    },
);

const SETS: &[&SetDescriptor] = &[
    ServiceMetrics::DESCRIPTOR,
    HttpMetrics::DESCRIPTOR,
    ProcessMetrics::DESCRIPTOR,
    MachineMetrics::DESCRIPTOR,
    CacheMetrics::DESCRIPTOR,
    MeshMetrics::DESCRIPTOR,
    AuthMetrics::DESCRIPTOR,
    PipelineMetrics::DESCRIPTOR,
];

fn check(text: &str) -> Findings {
    RuleCheck::new()
        .external("rabbitmq_queue_messages", &["queue", "vhost"])
        .external("rabbitmq_detailed_queue_messages", &["queue", "vhost"])
        .text("rules.yml", text)
        .against(SETS)
}

#[test]
fn the_shipped_files_compile_and_are_in_the_program() {
    let texts: Vec<&str> = SHIPPED.files().iter().map(RuleFile::text).collect();
    assert_eq!(texts, [RECORDING, ALERTS]);
    for file in SHIPPED.files() {
        assert_eq!(file.notes().collect::<Vec<_>>(), [""; 0]);
        assert_eq!(check(file.text()), Findings::default(), "{}", file.path());
    }
}

#[test]
fn every_wrong_label_and_self_division_of_the_original_is_refused() {
    let findings = check(include_str!("rules/original.yml"));
    let mut facts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for mistake in &findings.mistakes {
        let (_, rest) = mistake.split_once("alert `").expect("it is about an alert");
        let (alert, fact) = rest.split_once("`: ").expect("it says what is wrong");
        let fact = fact.lines().next().unwrap_or_default().to_owned();
        facts.entry(alert.to_owned()).or_default().push(fact);
    }
    let facts: Vec<(&str, Vec<&str>)> = facts
        .iter()
        .map(|(alert, facts)| (alert.as_str(), facts.iter().map(String::as_str).collect()))
        .collect();
    assert_eq!(
        facts,
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
