//! A rule file as it is written: groups and rules, each text with its line.

use datapunk_metrics_conventions::closest;
use saphyr::{MarkedYaml, YamlData, YamlLoader};
use saphyr_parser::{Parser, ScalarStyle};

use crate::facts::{Problem, one_line};

/// A text and where it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Located {
    /// The text.
    pub text: String,
    /// The line in which it begins, from 1.
    pub line: u32,
    /// Whether it is a block whose lines are those of the file.
    pub is_block: bool,
}

/// A rule file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleDocument {
    /// Its groups.
    pub groups: Vec<Group>,
    /// What is wrong with its shape.
    pub problems: Vec<Problem>,
}

/// A group of rules.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// Its name.
    pub name: Located,
    /// How often it is evaluated, unless as everything else.
    pub interval: Option<Located>,
    /// How far in the past it is evaluated.
    pub query_offset: Option<Located>,
    /// Labels for all its rules.
    pub labels: Vec<(Located, Located)>,
    /// Its rules.
    pub rules: Vec<Rule>,
}

/// An alert or a recording rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Whether it is an alert.
    pub is_alert: bool,
    /// The alert's name, or that of the recorded metric.
    pub name: Located,
    /// `expr`
    pub expression: Located,
    /// `for`
    pub hold: Option<Located>,
    /// `keep_firing_for`
    pub keep_firing_for: Option<Located>,
    /// Its labels.
    pub labels: Vec<(Located, Located)>,
    /// Its annotations.
    pub annotations: Vec<(Located, Located)>,
}

const DOCUMENT_KEYS: &[&str] = &["groups"];
const GROUP_KEYS: &[&str] = &[
    "name",
    "interval",
    "query_offset",
    "limit",
    "labels",
    "rules",
];
const ALERT_KEYS: &[&str] = &[
    "alert",
    "expr",
    "for",
    "keep_firing_for",
    "labels",
    "annotations",
];
const RECORD_KEYS: &[&str] = &["record", "expr", "labels"];

impl RuleDocument {
    /// Reads a rule file.
    ///
    /// # Errors
    ///
    /// If it is not YAML. What is wrong with the shape of YAML is in [`problems`](Self::problems), and the rest is read.
    pub fn read(text: &str) -> Result<Self, Problem> {
        // The parser sees the end of a file behind its last line.
        let last = last_line(text);
        let broken = |line: usize, fact: &str| Problem {
            line: number(line.min(last)),
            word: None,
            fact: one_line(&format!("the file is not YAML: {}", fact.trim_end())),
            note: String::new(),
            help: String::new(),
        };
        let mut loader = YamlLoader::<MarkedYaml<'_>>::default();
        loader.early_parse(false);
        Parser::new_from_str(text)
            .load(&mut loader, true)
            .map_err(|error| broken(error.marker().line(), error.info()))?;
        if let Some(error) = loader.error() {
            return Err(broken(error.marker().line(), error.info()));
        }
        let mut reader = Reader {
            last: number(last),
            problems: Vec::new(),
        };
        let documents = loader.into_documents();
        let mut document = match documents.as_slice() {
            [] => Self::default(),
            [document] => reader.document(document),
            [_, second, ..] => {
                return Err(broken(
                    second.span.start.line(),
                    "a second document begins here",
                ));
            }
        };
        document.problems = reader.problems;
        Ok(document)
    }
}

type Entry<'a> = (&'a str, u32, &'a MarkedYaml<'a>);

/// Reads what it knows, and keeps what is wrong with the rest.
struct Reader {
    /// The last line of the file: behind it is what is not there.
    last: u32,
    problems: Vec<Problem>,
}

impl Reader {
    fn line(&self, node: &MarkedYaml<'_>) -> u32 {
        number(node.span.start.line()).min(self.last)
    }

    fn document(&mut self, node: &MarkedYaml<'_>) -> RuleDocument {
        let mut document = RuleDocument::default();
        if is_nothing(node) {
            return document;
        }
        for (key, line, value) in self.mapping(node, "a rule file") {
            if key == "groups" {
                let groups = self.sequence(value, "`groups`");
                document.groups = groups
                    .iter()
                    .filter_map(|group| self.group(group))
                    .collect();
            } else {
                self.unknown(line, key, "a rule file", DOCUMENT_KEYS);
            }
        }
        document
    }

    fn group(&mut self, node: &MarkedYaml<'_>) -> Option<Group> {
        let entries = self.mapping(node, "a group");
        if entries.is_empty() {
            return None;
        }
        let mut group = Group {
            name: Located {
                text: String::new(),
                line: self.line(node),
                is_block: false,
            },
            interval: None,
            query_offset: None,
            labels: Vec::new(),
            rules: Vec::new(),
        };
        for (key, line, value) in entries {
            match key {
                "name" => group.name = self.text(value, "`name`").unwrap_or(group.name),
                "interval" => group.interval = self.text(value, "`interval`"),
                "query_offset" => group.query_offset = self.text(value, "`query_offset`"),
                "limit" => {
                    self.text(value, "`limit`");
                }
                "labels" => group.labels = self.texts(value, "`labels`"),
                "rules" => {
                    let rules = self.sequence(value, "`rules`");
                    group.rules = rules.iter().filter_map(|rule| self.rule(rule)).collect();
                }
                _ => self.unknown(line, key, "a group", GROUP_KEYS),
            }
        }
        if group.name.text.is_empty() {
            self.push(
                group.name.line,
                "a group has no `name`",
                "",
                "add `name: …`",
            );
        }
        Some(group)
    }

    fn rule(&mut self, node: &MarkedYaml<'_>) -> Option<Rule> {
        let entries = self.mapping(node, "a rule");
        let name_of = |key: &str| entries.iter().find(|(known, ..)| *known == key);
        let (is_alert, name) = match (name_of("alert"), name_of("record")) {
            (Some(alert), None) => (true, alert),
            (None, Some(record)) => (false, record),
            (Some(_), Some((_, line, _))) => {
                self.push(
                    *line,
                    "a rule has both `alert` and `record`",
                    "",
                    "make two rules of it",
                );
                return None;
            }
            (None, None) => {
                // A key that is nearly one of them is the mistake.
                let near = entries.iter().find_map(|(key, line, _)| {
                    closest(key, ["alert", "record"]).map(|near| (*key, *line, near))
                });
                match near {
                    Some((key, line, near)) => self.push(
                        line,
                        &format!("unknown key `{key}` in a rule"),
                        "",
                        &format!("a key with a similar name exists: `{near}`"),
                    ),
                    None if entries.is_empty() => {}
                    None => self.push(
                        self.line(node),
                        "a rule has neither `alert` nor `record`",
                        "",
                        "add `alert: …` or `record: …`",
                    ),
                }
                return None;
            }
        };
        let (what, known) = if is_alert {
            ("an alert", ALERT_KEYS)
        } else {
            ("a recording rule", RECORD_KEYS)
        };
        let mut rule = Rule {
            is_alert,
            name: self.text(name.2, "the name")?,
            expression: Located {
                text: String::new(),
                line: name.1,
                is_block: false,
            },
            hold: None,
            keep_firing_for: None,
            labels: Vec::new(),
            annotations: Vec::new(),
        };
        for (key, line, value) in entries {
            match key {
                "alert" | "record" => {}
                "expr" => {
                    rule.expression = self.text(value, "`expr`").unwrap_or(rule.expression);
                }
                "labels" => rule.labels = self.texts(value, "`labels`"),
                "for" if is_alert => rule.hold = self.text(value, "`for`"),
                "keep_firing_for" if is_alert => {
                    rule.keep_firing_for = self.text(value, "`keep_firing_for`");
                }
                "annotations" if is_alert => {
                    rule.annotations = self.texts(value, "`annotations`");
                }
                _ if ALERT_KEYS.contains(&key) => self.push(
                    line,
                    &format!("`{key}` does not apply to {what}"),
                    "",
                    &format!("remove `{key}`, which belongs to alerts"),
                ),
                _ => self.unknown(line, key, what, known),
            }
        }
        Some(rule)
    }

    fn mapping<'a>(&mut self, node: &'a MarkedYaml<'a>, what: &str) -> Vec<Entry<'a>> {
        let YamlData::Mapping(entries) = &node.data else {
            self.push(
                self.line(node),
                &format!("{what} is not a mapping"),
                "",
                "write `key: value` pairs",
            );
            return Vec::new();
        };
        entries
            .iter()
            .filter_map(|(key, value)| {
                if let YamlData::Representation(text, ..) = &key.data {
                    return Some((text.as_ref(), self.line(key), value));
                }
                self.push(
                    self.line(key),
                    &format!("a key of {what} is not a word"),
                    "",
                    "",
                );
                None
            })
            .collect()
    }

    fn sequence<'a>(&mut self, node: &'a MarkedYaml<'a>, what: &str) -> &'a [MarkedYaml<'a>] {
        match &node.data {
            YamlData::Sequence(items) => items,
            _ if is_nothing(node) => &[],
            _ => {
                self.push(
                    self.line(node),
                    &format!("{what} is not a list"),
                    "",
                    "write one item a line, each after `- `",
                );
                &[]
            }
        }
    }

    fn text(&mut self, node: &MarkedYaml<'_>, what: &str) -> Option<Located> {
        let YamlData::Representation(text, style, _) = &node.data else {
            self.push(self.line(node), &format!("{what} is not a text"), "", "");
            return None;
        };
        let is_block = *style == ScalarStyle::Literal;
        // The first line of a block is the first that is not empty.
        let skipped = if is_block {
            text.bytes().take_while(|byte| *byte == b'\n').count()
        } else {
            0
        };
        Some(Located {
            text: text.clone().into_owned(),
            line: self.line(node).saturating_sub(number(skipped)),
            is_block,
        })
    }

    fn texts(&mut self, node: &MarkedYaml<'_>, what: &str) -> Vec<(Located, Located)> {
        if is_nothing(node) {
            return Vec::new();
        }
        let entries = self.mapping(node, what);
        entries
            .into_iter()
            .filter_map(|(key, line, value)| {
                let name = Located {
                    text: key.to_owned(),
                    line,
                    is_block: false,
                };
                Some((name, self.text(value, &format!("`{key}`"))?))
            })
            .collect()
    }

    fn unknown(&mut self, line: u32, key: &str, what: &str, known: &[&str]) {
        let help = match closest(key, known.iter().copied()) {
            Some(near) => format!("a key with a similar name exists: `{near}`"),
            None => format!("its keys are `{}`", known.join("`, `")),
        };
        self.push(line, &format!("unknown key `{key}` in {what}"), "", &help);
    }

    fn push(&mut self, line: u32, fact: &str, note: &str, help: &str) {
        self.problems.push(Problem {
            line,
            word: None,
            fact: fact.to_owned(),
            note: note.to_owned(),
            help: help.to_owned(),
        });
    }
}

/// The last line that has something in it. YAML ends a line at a lone carriage return too.
fn last_line(text: &str) -> usize {
    let text = text.trim_end();
    let ends = |end: &str| text.matches(end).count();
    1 + ends("\n") + ends("\r") - ends("\r\n")
}

/// Whether nothing is written where a list or a mapping could be.
fn is_nothing(node: &MarkedYaml<'_>) -> bool {
    matches!(&node.data, YamlData::Representation(text, ScalarStyle::Plain, _)
        if matches!(text.as_ref(), "" | "~" | "null"))
}

fn number(line: usize) -> u32 {
    u32::try_from(line).unwrap_or(u32::MAX)
}
