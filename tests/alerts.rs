//! The shipped rule files, run by promtool over series that are written down: what fires, and what must not.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use support::{server, workspace};
use tempfile::TempDir;

/// What a scenario of an alert can be, as its name says: `<alert> <kind>: <what happens>`.
const ALERT_KINDS: [&str; 3] = ["fires", "silent", "edge"];
/// The same of recording rules, by group: `<group> <kind>: <what happens>`.
const RECORDING_KINDS: [&str; 3] = ["value", "absent", "edge"];

/// A shipped rule file.
fn shipped(name: &str) -> PathBuf {
    workspace().join("datapunk-metrics/rules").join(name)
}

/// A file of scenarios.
fn scenarios(name: &str) -> PathBuf {
    workspace().join("tests/alerts").join(format!("{name}.yml"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs promtool; its words if it refuses.
fn promtool(arguments: &[&str], file: &Path) -> Result<(), String> {
    let output = Command::new("promtool")
        .args(arguments)
        .arg(file)
        .output()
        .unwrap_or_else(|error| panic!("`promtool`: {error}\nhelp: {}", server::INSTALL));
    if output.status.success() {
        return Ok(());
    }
    Err(format!(
        "promtool {} {}\n{}{}",
        arguments.join(" "),
        file.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    ))
}

/// Runs a file of scenarios.
fn run(name: &str) {
    if let Err(words) = promtool(&["test", "rules"], &scenarios(name)) {
        panic!("{words}");
    }
}

macro_rules! scenario_files {
    ($($name:ident)*) => {
        /// The files that the tests below run.
        const FILES: &[&str] = &[$(stringify!($name)),*];

        $(
            #[test]
            fn $name() {
                run(stringify!($name));
            }
        )*
    };
}

// A test for each, so that they run side by side.
scenario_files! {
    absence data_pipeline infrastructure performance queues recording resources security service_health service_mesh
}

#[test]
fn promtool_accepts_the_shipped_files() {
    for name in ["alerts.yml", "recording.yml"] {
        if let Err(words) = promtool(&["check", "rules", "--lint-fatal"], &shipped(name)) {
            panic!("{words}");
        }
    }
}

#[test]
fn every_file_of_scenarios_is_run() {
    let folder = workspace().join("tests/alerts");
    let found: BTreeSet<String> = folder
        .read_dir()
        .unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
        .map(|entry| entry.expect("an entry of the folder").path())
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    let run: BTreeSet<String> = FILES.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        found, run,
        "tests/alerts and the list of this file are not the same"
    );
}

/// What follows `key` in each line that begins with it, without quotes.
fn values<'a>(text: &'a str, key: &'a str) -> impl Iterator<Item = &'a str> {
    text.lines()
        .filter_map(move |line| line.trim_start().strip_prefix(key))
        .map(|value| value.trim().trim_matches(['\'', '"']))
}

/// Which kinds of scenario each subject has. A name that is not `<subject> <kind>: <what happens>` fails.
fn kinds_by_subject(files: &[&str], kinds: &[&str]) -> BTreeMap<String, BTreeSet<String>> {
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for file in files {
        let text = read(&scenarios(file));
        for name in values(&text, "- name:") {
            let parts = name
                .split_once(": ")
                .and_then(|(head, _)| head.split_once(' '))
                .filter(|(_, kind)| kinds.contains(kind));
            let Some((subject, kind)) = parts else {
                panic!(
                    "{file}.yml: `{name}` is not `<subject> <one of {kinds:?}>: <what happens>`"
                );
            };
            found
                .entry(subject.to_owned())
                .or_default()
                .insert(kind.to_owned());
        }
    }
    found
}

#[test]
fn every_alert_has_scenarios_that_fire_that_are_silent_and_at_the_edge() {
    let rules = read(&shipped("alerts.yml"));
    let alerts: BTreeSet<&str> = values(&rules, "- alert:").collect();
    assert!(alerts.len() > 20, "only {} alerts", alerts.len());
    let files: Vec<&str> = FILES
        .iter()
        .copied()
        .filter(|name| *name != "recording")
        .collect();
    let mut scenarios = kinds_by_subject(&files, &ALERT_KINDS);
    for alert in alerts {
        let found = scenarios.remove(alert).unwrap_or_default();
        for kind in ALERT_KINDS {
            assert!(
                found.contains(kind),
                "alert `{alert}` has no scenario of the kind `{kind}`\n\
                 help: add one named `{alert} {kind}: …` to a file in tests/alerts"
            );
        }
    }
    assert!(
        scenarios.is_empty(),
        "scenarios of alerts that do not exist: {:?}",
        scenarios.keys()
    );
}

#[test]
fn every_recording_rule_has_values_absence_and_an_edge() {
    let rules = read(&shipped("recording.yml"));
    let records: Vec<&str> = values(&rules, "- record:").collect();
    assert!(records.len() > 15, "only {} records", records.len());
    kinds_by_subject(&["recording"], &RECORDING_KINDS);
    let text = read(&scenarios("recording"));
    for kind in RECORDING_KINDS {
        let of_kind: String = text
            .split("  - name:")
            .skip(1)
            .filter(|scenario| {
                scenario
                    .lines()
                    .next()
                    .is_some_and(|name| name.contains(&format!(" {kind}: ")))
            })
            .collect();
        for record in &records {
            assert!(
                of_kind.contains(&format!("expr: '{record}'")),
                "no scenario of the kind `{kind}` asks for `{record}`\n\
                 help: add it to one in tests/alerts/recording.yml"
            );
        }
    }
}

/// `level:metric:operations`, where the level is the labels that are left.
#[test]
fn recording_rules_are_named_by_level_metric_and_operations() {
    let rules = read(&shipped("recording.yml"));
    for record in values(&rules, "- record:") {
        let parts: Vec<&str> = record.split(':').collect();
        let [level, metric, operations] = parts[..] else {
            panic!("`{record}` is not `level:metric:operations`");
        };
        for part in [level, metric, operations] {
            assert!(!part.is_empty(), "`{record}` has an empty part");
        }
        assert!(
            !metric.ends_with("_total"),
            "`{record}`: `_total` goes with the first operation"
        );
    }
}

/// A rule that was changed for the worse is seen: the scenarios are run over a file in which it was.
#[test]
fn the_scenarios_turn_red() {
    let changes = [
        // The original's expression, which divides each series by itself.
        (
            "service_health",
            "sum by (service) (rate(http_requests_total{status=~\"5..\"}[5m]))\n            / sum by (service) (rate(http_requests_total[5m])) > 0.1",
            "rate(http_requests_total{status=~\"5..\"}[5m])\n            / rate(http_requests_total[5m]) > 0.1",
        ),
        (
            "data_pipeline",
            "(stream_lag_seconds) > 300",
            "(stream_lag_seconds) >= 300",
        ),
        (
            "service_mesh",
            "circuit_breaker_state < 2",
            "circuit_breaker_state == 0",
        ),
        (
            "infrastructure",
            "{{ $labels.instance }} is down",
            "{{ $labels.node }} is down",
        ),
        (
            "absence",
            "unless on (service, instance) service_up",
            "unless on (service) service_up",
        ),
    ];
    let folder = TempDir::new().expect("a temporary folder");
    let rules = read(&shipped("alerts.yml"));
    for (file, right, wrong) in changes {
        assert_eq!(rules.matches(right).count(), 1, "{right}");
        let wrong_rules = folder.path().join("alerts.yml");
        fs::write(&wrong_rules, rules.replace(right, wrong)).expect("the rules are written");
        let tests = read(&scenarios(file)).replace(
            "rule_files: [../../datapunk-metrics/rules/alerts.yml]",
            "rule_files: [alerts.yml]",
        );
        let wrong_tests = folder.path().join(format!("{file}.yml"));
        fs::write(&wrong_tests, tests).expect("the scenarios are written");
        promtool(&["check", "rules"], &wrong_rules).expect("the change is valid");
        let words = promtool(&["test", "rules"], &wrong_tests)
            .expect_err("a scenario fails with the wrong rule");
        assert!(words.contains("FAILED"), "{words}");
    }
}
