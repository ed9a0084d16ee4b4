//! Rule files that nobody would write on purpose: those of the corpus, of the compile-fail tests and of the standard, whole
//! and changed at random. `tests/fuzz` looks for new ones, which then are part of the corpus.

use datapunk_metrics::rules::RuleCheck;
use support::{inputs, workspace};

use crate::SETS;
use crate::oracle::assert_is_told;

#[test]
fn any_rule_file_is_checked_and_each_mistake_has_its_place() {
    let folders = [
        "tests/rules/corpus",
        "ui-tests/fail/rules",
        "datapunk-metrics/rules",
    ];
    let folders = folders.map(|folder| workspace().join(folder));
    let (mut sound, mut wrong) = (0, 0);
    for file in inputs::with_changes(&folders, 10_000) {
        let file = String::from_utf8_lossy(&file);
        let findings = RuleCheck::new().text("rules.yml", &file).against(SETS);
        for mistake in &findings.mistakes {
            assert_is_told(mistake, &file);
        }
        if findings.mistakes.is_empty() {
            sound += 1;
        } else {
            wrong += 1;
        }
    }
    assert!(sound > 10 && wrong > 100, "{sound} sound, {wrong} wrong");
}
