//! From a rule file to facts, and what is wrong whatever the metrics are.

use std::collections::HashMap;

use datapunk_metrics_conventions::{
    closest, is_label_name, is_metric_name, name_hash, name_pairs, names_secret_or_person,
};
use promql_parser::parser::Expr;
use promql_parser::parser::value::ValueType;

use crate::automaton::Automata;
use crate::document::{Group, Located, Rule, RuleDocument};
use crate::durations::parse_duration;
use crate::facts::{FileFacts, LabelWord, Node, Problem, RuleFacts, RuleKind, Source, Word};
use crate::lower::Lowering;
use crate::options::Options;
use crate::patterns::Patterns;
use crate::template;

/// What the rules of some files, each with the name that messages use, ask of metrics.
///
/// Names are unique among all of them.
#[must_use]
pub fn facts(files: &[(&str, &RuleDocument)], options: &Options) -> Vec<FileFacts> {
    let (mut names, mut automata) = (Names::default(), Automata::default());
    files
        .iter()
        .map(|(path, document)| {
            let mut problems = document.problems.clone();
            let mut rules = Vec::new();
            names.groups.clear();
            for group in &document.groups {
                group_is_sound(group, &mut names, &mut problems);
                rules.extend(
                    group.rules.iter().map(|rule| {
                        rule_facts(path, group, rule, options, &mut names, &mut automata)
                    }),
                );
            }
            FileFacts {
                path: (*path).to_owned(),
                rules,
                problems,
            }
        })
        .collect()
}

/// What tells rules apart: whether it is an alert, its name and its labels.
type RuleKey = (bool, String, Vec<(String, String)>);

/// Names that were seen.
#[derive(Default)]
struct Names {
    groups: HashMap<String, u32>,
    /// The place of each.
    rules: HashMap<RuleKey, (String, u32)>,
}

fn problem(line: u32, fact: String, note: &str, help: impl Into<String>) -> Problem {
    Problem {
        line,
        word: None,
        fact,
        note: note.to_owned(),
        help: help.into(),
    }
}

fn group_is_sound(group: &Group, names: &mut Names, problems: &mut Vec<Problem>) {
    let Located { text, line, .. } = &group.name;
    if let Some(first) = names.groups.insert(text.clone(), *line)
        && !text.is_empty()
    {
        problems.push(problem(
            *line,
            format!("group `{text}` is already defined in line {first}"),
            "Prometheus refuses the file",
            "rename one of the two",
        ));
    }
    for (key, value) in [
        ("interval", &group.interval),
        ("query_offset", &group.query_offset),
    ] {
        problems.extend(value.as_ref().and_then(|value| bad_duration(key, value)));
    }
    for (label, _) in &group.labels {
        problems.extend(bad_label(label));
    }
}

fn bad_duration(key: &str, value: &Located) -> Option<Problem> {
    let text = value.text.as_str();
    if parse_duration(text).is_some() {
        return None;
    }
    let help = if text.parse::<f64>().is_ok() {
        format!("write the unit, such as `{key}: {text}s`")
    } else {
        format!("write it like `{key}: 1h30m`, of ms, s, m, h, d, w and y")
    };
    Some(problem(
        value.line,
        format!("`{key}: {text}` is not a duration"),
        "",
        help,
    ))
}

fn bad_label(label: &Located) -> Option<Problem> {
    let name = label.text.as_str();
    if !is_label_name(name) || name == "__name__" || name == "alertname" {
        return Some(problem(
            label.line,
            format!("`{name}` can't be the name of a label here"),
            "Prometheus refuses it, or overwrites it",
            "write letters, digits and underscores",
        ));
    }
    names_secret_or_person(name).then(|| {
        problem(
            label.line,
            format!("label `{name}` is named for personal or secret data"),
            "alerts are sent to people and systems outside of this service",
            "remove it",
        )
    })
}

fn rule_facts(
    path: &str,
    group: &Group,
    rule: &Rule,
    options: &Options,
    names: &mut Names,
    automata: &mut Automata,
) -> RuleFacts {
    let mut reading = Reading {
        options,
        automata,
        sources: Vec::new(),
        nodes: Vec::new(),
        problems: Vec::new(),
    };
    let labels: Vec<&(Located, Located)> = group.labels.iter().chain(&rule.labels).collect();
    reading.name_is_sound(rule);
    reading.name_is_unique(path, rule, &labels, names);
    let expression = reading.expression(&rule.expression);
    for (key, value) in [
        ("for", &rule.hold),
        ("keep_firing_for", &rule.keep_firing_for),
    ] {
        let bad = value.as_ref().and_then(|value| bad_duration(key, value));
        reading.problems.extend(bad);
    }
    for (label, _) in &rule.labels {
        reading.problems.extend(bad_label(label));
    }
    let (mut shown, mut queries) = (Vec::new(), Vec::new());
    if rule.is_alert {
        reading.required_are_there(rule, &labels);
        reading.severity_is_known(&labels);
        let templates = rule.annotations.iter().chain(&rule.labels);
        for (_, template) in templates {
            reading.template(template, &mut shown, &mut queries);
        }
    }
    RuleFacts {
        kind: if rule.is_alert {
            RuleKind::Alert
        } else {
            RuleKind::Record
        },
        name: rule.name.text.clone(),
        hash: name_hash(&rule.name.text),
        pairs: name_pairs(&rule.name.text),
        line: rule.name.line,
        sources: reading.sources,
        nodes: reading.nodes,
        expression,
        queries,
        labels: labels
            .iter()
            .filter(|(_, value)| !value.text.is_empty())
            .map(|(label, _)| label.text.clone())
            .collect(),
        shown,
        problems: reading.problems,
    }
}

/// One rule while it is read.
struct Reading<'a> {
    options: &'a Options,
    automata: &'a mut Automata,
    sources: Vec<Source>,
    nodes: Vec<Node>,
    problems: Vec<Problem>,
}

impl Reading<'_> {
    fn name_is_sound(&mut self, rule: &Rule) {
        let Located { text, line, .. } = &rule.name;
        if rule.is_alert {
            if text.trim().is_empty() {
                self.problems.push(problem(
                    *line,
                    "the name of the alert is empty".to_owned(),
                    "",
                    "name it for what is wrong, such as `HighErrorRate`",
                ));
            }
            return;
        }
        if !is_metric_name(text) {
            self.problems.push(problem(
                *line,
                format!("`{text}` can't be the name of a metric"),
                "",
                "write it as `level:metric:operations`, of letters, digits, underscores and colons",
            ));
        }
    }

    fn name_is_unique(
        &mut self,
        path: &str,
        rule: &Rule,
        labels: &[&(Located, Located)],
        names: &mut Names,
    ) {
        let mut labels: Vec<(String, String)> = labels
            .iter()
            .map(|(name, value)| (name.text.clone(), value.text.clone()))
            .collect();
        labels.sort();
        let key = (rule.is_alert, rule.name.text.clone(), labels);
        let here = (path.to_owned(), rule.name.line);
        if let Some((file, line)) = names.rules.insert(key, here) {
            let what = if rule.is_alert {
                "alert"
            } else {
                "recording rule"
            };
            self.problems.push(problem(
                rule.name.line,
                format!("the {what} is already defined at {file}:{line}, with the same labels"),
                "",
                "rename one of the two",
            ));
        }
    }

    fn source(&mut self, text: &Located) -> u16 {
        self.sources
            .push(Source::new(&text.text, text.line, text.is_block));
        // A rule has fewer texts than that.
        u16::try_from(self.sources.len() - 1).unwrap_or(u16::MAX)
    }

    fn expression(&mut self, expression: &Located) -> Option<u16> {
        if expression.text.trim().is_empty() {
            self.problems.push(problem(
                expression.line,
                "there is no `expr`".to_owned(),
                "",
                "add `expr: …`",
            ));
            return None;
        }
        let source = self.source(expression);
        let (top, patterns) = self.parse(expression, source)?;
        let what = match top.value_type() {
            ValueType::Matrix => "a range of values",
            ValueType::String => "a text",
            ValueType::Vector | ValueType::Scalar => "",
        };
        if !what.is_empty() {
            let word = Word {
                source,
                start: 0,
                length: 1,
            };
            self.problems.push(Problem {
                word: Some(word),
                ..problem(
                    0,
                    format!("the expression gives {what}"),
                    "a rule needs one value for each series",
                    "aggregate it over time, such as with `rate(…)`",
                )
            });
            return None;
        }
        Some(self.lower(&top, &patterns, &expression.text, source))
    }

    fn parse(&mut self, expression: &Located, source: u16) -> Option<(Expr, Patterns)> {
        let (short, patterns) = Patterns::take(&expression.text);
        if let Ok(top) = promql_parser::parser::parse(&short) {
            return Some((top, patterns));
        }
        // What is wrong is said of what is written.
        let error = match promql_parser::parser::parse(&expression.text) {
            Ok(top) => return Some((top, Patterns::default())),
            Err(error) => error,
        };
        self.problems.push(Problem {
            word: Some(word_of(&error, &expression.text, source)),
            ..problem(
                0,
                format!("the expression is not PromQL: {error}"),
                "Prometheus refuses the file",
                "",
            )
        });
        None
    }

    fn lower(&mut self, top: &Expr, patterns: &Patterns, text: &str, source: u16) -> u16 {
        Lowering {
            options: self.options,
            automata: self.automata,
            patterns,
            nodes: &mut self.nodes,
            problems: &mut self.problems,
        }
        .lower(top, text, source)
    }

    fn required_are_there(&mut self, rule: &Rule, labels: &[&(Located, Located)]) {
        let annotations: Vec<&(Located, Located)> = rule.annotations.iter().collect();
        for (what, required, given) in [
            ("label", &self.options.required_labels, labels),
            (
                "annotation",
                &self.options.required_annotations,
                &annotations,
            ),
        ] {
            for name in required {
                let is_there = given
                    .iter()
                    .any(|(key, value)| key.text == *name && !value.text.trim().is_empty());
                if !is_there {
                    let near = closest(name, given.iter().map(|(key, _)| key.text.as_str()));
                    let help = match near.filter(|near| near != name) {
                        Some(near) => format!("rename the {what} `{near}` to `{name}`"),
                        None => format!("add `{name}: …` to its `{what}s`"),
                    };
                    self.problems.push(problem(
                        rule.name.line,
                        format!("it has no {what} `{name}`"),
                        "",
                        help,
                    ));
                }
            }
        }
    }

    fn severity_is_known(&mut self, labels: &[&(Located, Located)]) {
        let Some((_, value)) = labels.iter().rfind(|(name, _)| name.text == "severity") else {
            return;
        };
        let severities = &self.options.severities;
        let text = value.text.as_str();
        if text.trim().is_empty() || text.contains("{{") || severities.iter().any(|it| it == text) {
            return;
        }
        let help = match closest(text, severities.iter().map(String::as_str)) {
            Some(near) => format!("write `severity: {near}`"),
            None => format!("the severities are `{}`", severities.join("`, `")),
        };
        self.problems.push(problem(
            value.line,
            format!("there is no severity `{text}`"),
            "notifications are routed by it, and this one goes nowhere",
            help,
        ));
    }

    fn template(&mut self, text: &Located, shown: &mut Vec<LabelWord>, queries: &mut Vec<u16>) {
        if !text.text.contains("{{") {
            return;
        }
        let source = self.source(text);
        let template = template::read(&text.text, source);
        self.problems.extend(template.problems);
        for label in template.shown {
            if names_secret_or_person(&label.name) {
                self.problems.push(Problem {
                    word: Some(label.word),
                    ..problem(
                        0,
                        format!(
                            "label `{}` is named for personal or secret data",
                            label.name
                        ),
                        "notifications are sent to people and systems outside of this service",
                        "remove it from the template",
                    )
                });
            } else {
                shown.push(label);
            }
        }
        for query in template.queries {
            let query = Located {
                text: query,
                line: text.line,
                is_block: false,
            };
            let source = self.source(&query);
            if let Some((top, patterns)) = self.parse(&query, source) {
                queries.push(self.lower(&top, &patterns, &query.text, source));
            }
        }
    }
}

/// The word that an error of the parser quotes, or all of the expression.
fn word_of(error: &str, text: &str, source: u16) -> Word {
    let quoted = error.split('\'').nth(1).unwrap_or_default();
    let found = crate::scan::tokens(text)
        .into_iter()
        .find(|token| !quoted.is_empty() && &text[token.start..token.end] == quoted);
    let start = text.len() - text.trim_start().len();
    let (start, end) = found.map_or((start, text.trim_end().len()), |it| (it.start, it.end));
    Word {
        source,
        start: u32::try_from(start).unwrap_or_default(),
        length: u32::try_from(end - start).unwrap_or_default(),
    }
}
