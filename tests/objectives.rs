//! The rules of service level objectives: as text, to promtool, and against the sets that declare them.

use std::fs;
use std::process::Command;

use datapunk_metrics::MetricSet as _;
use datapunk_metrics::rules::{Findings, ObjectiveRules, RuleCheck};
use support::{server, workspace};

#[path = "objectives/shop.rs"]
mod shop;

use shop::ShopMetrics;

/// The generated file, which the scenarios beside it read.
const COMMITTED: &str = include_str!("objectives/shop.yml");

fn generated() -> String {
    ObjectiveRules::new("shop")
        .team("sales")
        .of(&[ShopMetrics::DESCRIPTOR])
}

/// Runs promtool on a file of `tests/objectives`.
fn promtool(arguments: &[&str], file: &str) {
    let output = Command::new("promtool")
        .args(arguments)
        .arg(workspace().join("tests/objectives").join(file))
        .output()
        .unwrap_or_else(|error| panic!("`promtool`: {error}\nhelp: {}", server::INSTALL));
    assert!(
        output.status.success(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

/// With `UPDATE=1` the file is written anew.
#[test]
fn the_rules_are_the_committed_ones() {
    let rules = generated();
    if std::env::var_os("UPDATE").is_some() {
        let path = workspace().join("tests/objectives/shop.yml");
        fs::write(path, &rules).expect("the rules are written");
        return;
    }
    assert_eq!(rules, COMMITTED);
}

#[test]
fn promtool_accepts_the_rules() {
    promtool(&["check", "rules", "--lint-fatal"], "shop.yml");
}

#[test]
fn pages_and_tickets_come_when_the_budget_burns() {
    promtool(&["test", "rules"], "scenarios.yml");
}

#[test]
fn the_rules_fit_the_metrics() {
    let findings = RuleCheck::new()
        .text("shop.yml", COMMITTED)
        .against(&[ShopMetrics::DESCRIPTOR]);
    assert_eq!(findings.mistakes, Findings::default().mistakes);
}

#[test]
fn sets_without_objectives_have_no_rules() {
    assert_eq!(ObjectiveRules::new("shop").of(&[]), "groups: []\n");
}
