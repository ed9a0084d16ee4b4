//! Rule files: what is read of them, and what is wrong whatever the metrics are.

use datapunk_metrics_rules::{FileFacts, Form, Options, RuleDocument, facts};
use proptest::prelude::*;

fn read(text: &str) -> FileFacts {
    let document = RuleDocument::read(text).expect("it is YAML");
    facts(&[("rules.yml", &document)], &Options::default()).remove(0)
}

/// The line, the fact and the help of each mistake.
fn mistakes(text: &str) -> Vec<(u32, String, String)> {
    let facts = read(text);
    let of_rules = facts.rules.iter().flat_map(|rule| rule.problems.iter());
    facts
        .problems
        .iter()
        .chain(of_rules)
        .map(|problem| (problem.line, problem.fact.clone(), problem.help.clone()))
        .collect()
}

fn facts_of(text: &str) -> Vec<String> {
    mistakes(text)
        .into_iter()
        .map(|(_, fact, _)| fact)
        .collect()
}

/// A file of one sound alert, with `from` replaced.
fn alert_with(from: &str, to: &str) -> String {
    let sound = "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up == 0\n    for: 5m\n    \
                 labels: {severity: warning, team: t}\n    annotations:\n      summary: \"s\"\n";
    assert!(sound.contains(from), "{from}");
    sound.replacen(from, to, 1)
}

#[test]
fn a_sound_alert_has_no_mistakes() {
    assert_eq!(facts_of(&alert_with("A", "A")), [""; 0]);
}

#[test]
fn the_shape_of_a_file_is_checked() {
    for (text, line, fact, help) in [
        (
            "groups: []\n?  ",
            2,
            "unknown key `` in a rule file",
            "its keys are `groups`",
        ),
        (
            "grups: []\n",
            1,
            "unknown key `grups` in a rule file",
            "a key with a similar name exists: `groups`",
        ),
        (
            "- a\n",
            1,
            "a rule file is not a mapping",
            "write `key: value` pairs",
        ),
        (
            "groups: {a: b}\n",
            1,
            "`groups` is not a list",
            "write one item a line, each after `- `",
        ),
        (
            "groups:\n- rules: []\n",
            2,
            "a group has no `name`",
            "add `name: …`",
        ),
        (
            "groups:\n- name: a\n  intervall: 1m\n",
            3,
            "unknown key `intervall` in a group",
            "a key with a similar name exists: `interval`",
        ),
        (
            "groups:\n- name: a\n  rules:\n  - alrt: A\n",
            4,
            "unknown key `alrt` in a rule",
            "a key with a similar name exists: `alert`",
        ),
        (
            "groups:\n- name: a\n  rules:\n  - expr: up\n",
            4,
            "a rule has neither `alert` nor `record`",
            "add `alert: …` or `record: …`",
        ),
        (
            "groups:\n- name: a\n  rules:\n  - {alert: A, record: b}\n",
            4,
            "a rule has both `alert` and `record`",
            "make two rules of it",
        ),
        (
            "groups:\n- name: a\n  rules:\n  - {record: 'a:b', expr: up, for: 1m}\n",
            4,
            "`for` does not apply to a recording rule",
            "remove `for`, which belongs to alerts",
        ),
        (
            "groups:\n- name: a\n- name: a\n",
            3,
            "group `a` is already defined in line 2",
            "rename one of the two",
        ),
        (
            "groups:\n- name: a\n  interval: 60\n",
            3,
            "`interval: 60` is not a duration",
            "write the unit, such as `interval: 60s`",
        ),
    ] {
        assert_eq!(
            mistakes(text),
            [(line, fact.to_owned(), help.to_owned())],
            "{text}"
        );
    }
}

#[test]
fn what_is_no_yaml_is_refused_with_its_line() {
    for (text, line) in [
        ("groups:\n- [a\n", 2),
        ("groups:\n- {a: b", 2),
        ("groups:\r- {a: b\r\r", 2),
        ("groups:\r\n- {a: b\r\n", 2),
        ("groups: []\ngroups: []\n", 2),
        ("groups: []\n---\ngroups: []\n", 3),
        ("a: *b\n", 1),
    ] {
        let problem = RuleDocument::read(text).expect_err("it is not one YAML document");
        assert_eq!(problem.line, line, "{text}: {}", problem.fact);
        assert!(
            problem.fact.starts_with("the file is not YAML: "),
            "{}",
            problem.fact
        );
    }
}

#[test]
fn an_empty_file_has_no_rules() {
    for text in ["", "# nothing\n", "groups:\n", "groups: []\n"] {
        assert!(read(text).rules.is_empty());
        assert_eq!(facts_of(text), [""; 0]);
    }
}

#[test]
fn names_labels_durations_and_severities_are_checked() {
    for (from, to, fact) in [
        ("alert: A", "alert: ''", "the name of the alert is empty"),
        (
            "alert: A",
            "record: 2a",
            "`2a` can't be the name of a metric",
        ),
        ("for: 5m", "for: 5", "`for: 5` is not a duration"),
        ("for: 5m", "for: 5 min", "`for: 5 min` is not a duration"),
        (
            "for: 5m",
            "keep_firing_for: x",
            "`keep_firing_for: x` is not a duration",
        ),
        (
            "severity: warning",
            "severity: warn",
            "there is no severity `warn`",
        ),
        ("severity: warning, ", "", "it has no label `severity`"),
        ("team: t", "tema: t", "it has no label `team`"),
        (
            "team: t",
            "team: t, e-mail: x",
            "`e-mail` can't be the name of a label here",
        ),
        (
            "team: t",
            "team: t, alertname: x",
            "`alertname` can't be the name of a label here",
        ),
        (
            "team: t",
            "team: t, user_email: x",
            "label `user_email` is named for personal or secret data",
        ),
        ("summary", "description", "it has no annotation `summary`"),
        ("\"s\"", "\"\"", "it has no annotation `summary`"),
        ("up == 0", "''", "there is no `expr`"),
        (
            "up == 0",
            "sum(up",
            "the expression is not PromQL: unclosed left parenthesis",
        ),
        (
            "up == 0",
            "up[5m]",
            "the expression gives a range of values",
        ),
        ("up == 0", "'\"a\"'", "the expression gives a text"),
        (
            "up == 0",
            "up{job=~\")|(\"} == 0",
            "`)|(` is not a regular expression",
        ),
        (
            "up == 0",
            "rate(up[29s]) > 1",
            "the window `29s` is less than twice the scrape interval `15s`",
        ),
        (
            "up == 0",
            "max_over_time(up[1m:40s]) > 1",
            "the window `1m` is less than twice the step `40s`",
        ),
        (
            "\"s\"",
            "\"{{ $labels.user_email }}\"",
            "label `user_email` is named for personal or secret data",
        ),
        (
            "\"s\"",
            "\"{{ query `sum(` }}\"",
            "the expression is not PromQL: unclosed left parenthesis",
        ),
    ] {
        let facts = facts_of(&alert_with(from, to));
        assert!(facts.iter().any(|found| found == fact), "{to}: {facts:?}");
    }
}

#[test]
fn what_is_nearly_wrong_is_right() {
    for (from, to) in [
        ("for: 5m", "for: 0s"),
        ("for: 5m", "for: 1d12h"),
        ("severity: warning", "severity: '{{ $labels.level }}'"),
        ("team: t", "team: t, token_type: x"),
        ("up == 0", "rate(up[30s]) > 1"),
        ("up == 0", "max_over_time(up[1m:30s]) > 1"),
        ("up == 0", "1 > bool 0"),
        ("up == 0", "up{job=~\"(a)|(b)|()\"} == 0"),
        ("\"s\"", "\"50%, {literally}\""),
    ] {
        assert_eq!(facts_of(&alert_with(from, to)), [""; 0], "{to}");
    }
}

#[test]
fn rules_of_all_files_have_names_of_their_own() {
    let first = RuleDocument::read(&alert_with("A", "A")).expect("it is YAML");
    let other = RuleDocument::read(&alert_with("team: t", "team: u")).expect("it is YAML");
    let options = Options::default();
    let twice = facts(&[("a.yml", &first), ("b.yml", &first)], &options);
    assert_eq!(twice[0].rules[0].problems.len(), 0);
    assert_eq!(
        twice[1].rules[0].problems[0].fact,
        "the alert is already defined at a.yml:4, with the same labels"
    );
    let labelled = facts(&[("a.yml", &first), ("b.yml", &other)], &options);
    assert_eq!(labelled[1].rules[0].problems.len(), 0);
}

#[test]
fn labels_of_a_group_are_those_of_its_rules() {
    let text = alert_with("name: g", "name: g\n  labels: {team: x, severity: info}")
        .replace("    labels: {severity: warning, team: t}\n", "");
    assert_eq!(facts_of(&text), [""; 0]);
}

#[test]
fn words_are_found_in_expressions_of_all_shapes() {
    let expression = "sum by (path) (rate(a:b{x=~\"1|2\", y!=\"\"}[5m] offset 1m)) by_ # c\n";
    let text = expression.replace(
        " by_ # c",
        " / on (path) group_left (z) topk(3, w) > 0x1F # > 2",
    );
    let file =
        format!("groups:\n- name: g\n  rules:\n  - record: a:b\n    expr: |\n\n      {text}");
    let facts = read(&file);
    let rule = &facts.rules[0];
    let source = &rule.sources[0];
    assert_eq!((source.line, source.is_block), (6, true));
    let word = |word: &datapunk_metrics_rules::Word| {
        let start = word.start as usize;
        source.text[start..start + word.length as usize].to_owned()
    };
    let mut words = Vec::new();
    for node in &rule.nodes {
        words.push(word(&node.word));
        match &node.form {
            Form::Selector { matchers, .. } => {
                for matcher in matchers {
                    words.push(word(&matcher.label.word));
                    words.push(word(&matcher.word));
                    words.extend(matcher.patterns.iter().map(|pattern| word(&pattern.word)));
                }
            }
            Form::Aggregate { labels, .. } => {
                words.extend(labels.iter().map(|label| word(&label.word)));
            }
            Form::Binary {
                labels, includes, ..
            } => {
                words.extend(labels.iter().map(|label| word(&label.word)));
                words.extend(includes.iter().map(|label| word(&label.word)));
            }
            _ => {}
        }
    }
    assert_eq!(
        words,
        [
            "a:b", "x", "\"1|2\"", "1", "2", "y", "\"\"", "rate", "sum", "path", "3", "w", "topk",
            "/", "path", "z", "0x1F", ">"
        ]
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn any_text_is_read(text in "[a-z:\\-\\n {}\\[\\]\"|>*&]{0,60}") {
        if let Ok(document) = RuleDocument::read(&text) {
            let _ = facts(&[("rules.yml", &document)], &Options::default());
        }
    }

    #[test]
    fn any_expression_is_read(expression in "[a-z(){}\\[\\]0-9=~\"', +*/<>!|.:$^]{1,40}") {
        let document = RuleDocument::read(&format!(
            "groups:\n- name: g\n  rules:\n  - record: r\n    expr: |\n      {expression}\n"
        ));
        if let Ok(document) = document {
            let _ = facts(&[("rules.yml", &document)], &Options::default());
        }
    }
}
