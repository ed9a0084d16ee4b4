//! `docs/rules.md` and the code name the same rules.

use datapunk_metrics_conventions::Rule;

const PAGE: &str = include_str!("../../docs/rules.md");

/// The cells of each row of the page's table of rules.
fn rows() -> Vec<Vec<&'static str>> {
    PAGE.lines()
        .skip_while(|line| !line.starts_with("| rule |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'))
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect()
}

#[test]
fn each_rule_has_a_row_and_each_row_a_rule() {
    let rows = rows();
    let listed: Vec<_> = rows.iter().map(|row| row[0]).collect();
    let rules: Vec<_> = Rule::ALL
        .iter()
        .map(|rule| format!("`{}`", rule.id()))
        .collect();
    assert_eq!(listed, rules);
    for (row, rule) in rows.iter().zip(Rule::ALL) {
        assert_eq!(row.len(), 5, "{row:?}");
        assert!(row.iter().all(|cell| !cell.is_empty()), "{row:?}");
        assert_eq!(
            row[4],
            if rule.waivable() { "yes" } else { "no" },
            "{}",
            rule.id()
        );
    }
}

#[test]
fn a_rule_is_found_by_its_id() {
    for rule in Rule::ALL {
        assert_eq!(Rule::from_id(rule.id()), Some(rule));
    }
    assert_eq!(Rule::from_id("names"), None);
}
