//! Facts written as numbers and texts, which [`packed`](crate::packed) reads.

use std::collections::HashMap;

use datapunk_metrics_conventions::{name_halves, name_hash, name_pairs};

use crate::facts::{
    Automaton, Expression, FileFacts, Form, LabelWord, Matcher, MetricName, Node, Pattern, Problem,
    RuleFacts, RuleKind, Source, Word, one_line,
};
use crate::packed::File;
use crate::packed::layout::{
    BEHAVIOURS, COMPARISONS, HEADER, KEEPS, MANY, MATCH_OPERATORS, NO_WORD, NODE, OPERATORS, RULE,
    tag,
};

/// What the rules of a file ask, as [`File`] reads it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PackedFile {
    /// All numbers of the file.
    pub numbers: Vec<u64>,
    /// All texts of the file, each once.
    pub texts: Vec<String>,
    /// The tables of the automata.
    pub tables: Vec<u8>,
}

impl PackedFile {
    /// Its texts, of which a [`File`] is made.
    #[must_use]
    pub fn texts(&self) -> Vec<&str> {
        self.texts.iter().map(String::as_str).collect()
    }

    /// What reads it.
    #[must_use]
    pub fn file<'a>(&'a self, texts: &'a [&'a str]) -> File<'a> {
        File {
            numbers: &self.numbers,
            texts,
            tables: &self.tables,
        }
    }
}

/// Writes what a file asks. Each rule knows the labels of all targets by the same places: the first ones.
#[must_use]
pub fn pack(file: &FileFacts, target_labels: &[&str]) -> PackedFile {
    let mut packer = Packer {
        path: &file.path,
        target_labels,
        out: PackedFile {
            numbers: vec![0; HEADER],
            ..PackedFile::default()
        },
        texts: HashMap::new(),
        automata: HashMap::new(),
    };
    let rules: Vec<[u64; RULE]> = file.rules.iter().map(|rule| packer.rule(rule)).collect();
    let problems = packer.problems(&file.problems, |line| format!("{}:{line}: ", file.path));
    let header = [packer.list(&rules), problems, packer.records(&file.rules)];
    packer.out.numbers[..HEADER].copy_from_slice(&header);
    packer.out
}

struct Packer<'a> {
    path: &'a str,
    target_labels: &'a [&'a str],
    out: PackedFile,
    /// The places of the texts.
    texts: HashMap<String, u64>,
    /// The places of the automata.
    automata: HashMap<String, u64>,
}

/// The labels of a rule, by their places.
struct Names<'a>(Vec<&'a str>);

impl<'a> Names<'a> {
    fn place(&mut self, name: &'a str) -> u64 {
        let known = self.0.iter().position(|known| *known == name);
        let place = known.unwrap_or_else(|| {
            self.0.push(name);
            self.0.len() - 1
        });
        place as u64
    }
}

fn word(word: Word) -> u64 {
    // What is longer than that is shown in part.
    let part = |number: u32| u64::from(number.min(0xff_ffff));
    u64::from(word.source) << 48 | part(word.start) << 24 | part(word.length)
}

fn place_of<T: PartialEq>(value: &T, values: &[T]) -> u64 {
    let place = values.iter().position(|known| known == value);
    place.unwrap_or_default() as u64
}

/// A place and 1, or 0 for none.
fn optional(place: Option<u64>) -> u64 {
    place.map_or(0, |place| place + 1)
}

impl Packer<'_> {
    fn text(&mut self, text: &str) -> u64 {
        if let Some(place) = self.texts.get(text) {
            return *place;
        }
        let place = self.out.texts.len() as u64;
        self.out.texts.push(text.to_owned());
        self.texts.insert(text.to_owned(), place);
        place
    }

    fn list<const N: usize>(&mut self, records: &[[u64; N]]) -> u64 {
        let at = self.out.numbers.len() as u64;
        self.out.numbers.extend(records.as_flattened());
        at << 32 | records.len() as u64
    }

    fn expressions(&mut self, expressions: &[Expression]) -> u64 {
        let records: Vec<[u64; 1]> = expressions.iter().map(|at| [u64::from(*at)]).collect();
        self.list(&records)
    }

    fn label_words<'b>(&mut self, labels: &'b [LabelWord], names: &mut Names<'b>) -> u64 {
        let records: Vec<[u64; 2]> = labels
            .iter()
            .map(|label| [names.place(&label.name), word(label.word)])
            .collect();
        self.list(&records)
    }

    fn labels<'b>(&mut self, labels: &'b [String], names: &mut Names<'b>) -> u64 {
        let records: Vec<[u64; 1]> = labels.iter().map(|label| [names.place(label)]).collect();
        self.list(&records)
    }

    fn rule(&mut self, rule: &RuleFacts) -> [u64; RULE] {
        let what = match rule.kind {
            RuleKind::Alert => "alert",
            RuleKind::Record => "recording rule",
        };
        let path = self.path;
        let name = one_line(&rule.name);
        let head = |line: u32| format!("{path}:{line}: {what} `{name}`: ");
        let mut names = Names(self.target_labels.to_vec());
        names.place("le");
        let nodes: Vec<[u64; NODE]> = rule
            .nodes
            .iter()
            .map(|node| self.node(node, &mut names))
            .collect();
        let sources: Vec<_> = rule
            .sources
            .iter()
            .map(|source| self.source(source, head))
            .collect();
        [
            u64::from(rule.kind == RuleKind::Record),
            self.text(&rule.name),
            rule.hash,
            self.text(&head(rule.line)),
            optional(rule.expression.map(u64::from)),
            self.list(&nodes),
            self.list(&sources),
            self.expressions(&rule.queries),
            self.labels(&rule.labels, &mut names),
            self.label_words(&rule.shown, &mut names),
            self.problems(&rule.problems, head),
            self.names(&names),
            rule.pairs,
        ]
    }

    fn names(&mut self, names: &Names<'_>) -> u64 {
        let names = names.0.iter();
        let records: Vec<[u64; 2]> = names
            .map(|name| [self.text(&one_line(name)), name_hash(name)])
            .collect();
        self.list(&records)
    }

    fn source(&mut self, source: &Source, head: impl Fn(u32) -> String) -> [u64; 4] {
        let mut number = source.line;
        let mut lines = Vec::new();
        for line in &source.lines {
            let head = self.text(&head(number));
            lines.push([u64::from(line.start), u64::from(line.shown_end), head]);
            number += u32::from(source.is_block);
        }
        if lines.is_empty() {
            lines.push([0, 0, self.text(&head(number))]);
        }
        [
            self.text(&source.text),
            self.text(&source.shown),
            self.list(&lines),
            u64::from(source.is_ascii),
        ]
    }

    fn problems(&mut self, problems: &[Problem], head: impl Fn(u32) -> String) -> u64 {
        let records: Vec<_> = problems
            .iter()
            .map(|problem| {
                [
                    self.text(&head(problem.line)),
                    problem.word.map_or(NO_WORD, word),
                    self.text(&one_line(problem.fact.trim_end())),
                    self.text(&one_line(problem.note.trim_end())),
                    self.text(&one_line(problem.help.trim_end())),
                ]
            })
            .collect();
        self.list(&records)
    }

    /// The recording rules by the hashes of their names: a table with open addressing, at most half full.
    fn records(&mut self, rules: &[RuleFacts]) -> u64 {
        let records = rules.iter().enumerate();
        let records: Vec<(usize, &RuleFacts)> = records
            .filter(|(_, rule)| rule.kind == RuleKind::Record)
            .collect();
        if records.is_empty() {
            return self.list::<1>(&[]);
        }
        let mut slots = vec![[0]; (2 * records.len()).next_power_of_two()];
        let last = slots.len() as u64 - 1;
        for (at, rule) in records {
            let mut slot = usize::try_from(rule.hash & last).unwrap_or_default();
            // Of several rules that record one metric, the first one stands for all.
            while let [found] = slots[slot]
                && let Some(known) = usize::try_from(found).ok().and_then(|it| it.checked_sub(1))
                && rules[known].hash != rule.hash
            {
                slot = (slot + 1) % slots.len();
            }
            if slots[slot] == [0] {
                slots[slot] = [at as u64 + 1];
            }
        }
        self.list(&slots)
    }

    fn node<'b>(&mut self, node: &'b Node, names: &mut Names<'b>) -> [u64; NODE] {
        let (head, [first, second, third, fourth]) = match &node.form {
            Form::Number(number) => (tag::NUMBER, [number.to_bits(), 0, 0, 0]),
            Form::Text => (tag::TEXT, [0; 4]),
            Form::Scalar(arguments) => (tag::SCALAR, [self.expressions(arguments), 0, 0, 0]),
            Form::Vector(arguments) => (tag::VECTOR, [self.expressions(arguments), 0, 0, 0]),
            Form::Opaque(arguments) => (tag::OPAQUE, [self.expressions(arguments), 0, 0, 0]),
            Form::Selector { metric, matchers } => {
                let metric = metric.as_ref().map(|metric| self.metric_name(metric));
                let matchers: Vec<_> = matchers
                    .iter()
                    .map(|matcher| self.matcher(matcher, names))
                    .collect();
                let fields = [optional(metric), self.list(&matchers), 0, 0];
                (tag::SELECTOR, fields)
            }
            Form::Call {
                function,
                behaviour,
                argument,
                others,
            } => {
                let (others, function) = (self.expressions(others), self.text(function));
                let fields = [u64::from(*argument), others, function, 0];
                (tag::CALL | place_of(behaviour, &BEHAVIOURS) << 8, fields)
            }
            Form::Quantile { argument, others } => {
                let fields = [u64::from(*argument), self.expressions(others), 0, 0];
                (tag::QUANTILE, fields)
            }
            Form::Absent { argument, labels } => {
                let fields = [u64::from(*argument), self.labels(labels, names), 0, 0];
                (tag::ABSENT, fields)
            }
            Form::Relabel {
                argument,
                reads,
                writes,
            } => {
                let (reads, writes) = (self.label_words(reads, names), names.place(writes));
                (tag::RELABEL, [u64::from(*argument), reads, writes, 0])
            }
            Form::Aggregate { .. } => self.aggregate(&node.form, names),
            Form::Binary { .. } => self.binary(&node.form, names),
        };
        [head, word(node.word), first, second, third, fourth]
    }

    fn aggregate<'b>(&mut self, form: &'b Form, names: &mut Names<'b>) -> (u64, [u64; 4]) {
        let Form::Aggregate {
            keeps,
            argument,
            others,
            grouping,
            labels,
            writes,
        } = form
        else {
            return (tag::OPAQUE, [0; 4]);
        };
        let is_without = *grouping == crate::facts::Grouping::Without;
        let codes = place_of(keeps, &KEEPS) << 8 | u64::from(is_without) << 16;
        let writes = writes.as_ref().map(|label| names.place(label));
        let fields = [
            u64::from(*argument),
            self.expressions(others),
            self.label_words(labels, names),
            optional(writes),
        ];
        (tag::AGGREGATE | codes, fields)
    }

    fn binary<'b>(&mut self, form: &'b Form, names: &mut Names<'b>) -> (u64, [u64; 4]) {
        let Form::Binary {
            operator,
            left,
            right,
            matching,
            labels,
            many,
            includes,
            differences,
        } = form
        else {
            return (tag::OPAQUE, [0; 4]);
        };
        let codes = place_of(operator, &OPERATORS) << 8
            | place_of(matching, &MATCH_OPERATORS) << 16
            | place_of(many, &MANY) << 24
            | u64::from(differences.is_some()) << 32;
        let differences: Vec<[u64; 2]> = differences
            .iter()
            .flatten()
            .map(|it| [names.place(&it.label), u64::from(it.on_both)])
            .collect();
        let fields = [
            u64::from(*left) << 32 | u64::from(*right),
            self.label_words(labels, names),
            self.label_words(includes, names),
            self.list(&differences),
        ];
        (tag::BINARY | codes, fields)
    }

    /// The place of the record.
    fn metric_name(&mut self, metric: &MetricName) -> u64 {
        let name = one_line(&metric.name);
        // What is escaped is no name of a metric, and of no part of one.
        let stem = if name == metric.name { metric.stem } else { 0 };
        let record = [
            self.text(&name),
            metric.hash,
            u64::from(stem),
            metric.stem_hash,
            name_pairs(&name),
            name_halves(&name),
            name_pairs(&name[..usize::from(stem)]),
            name_halves(&name[..usize::from(stem)]),
        ];
        self.list(&[record]) >> 32
    }

    fn matcher<'b>(&mut self, matcher: &'b Matcher, names: &mut Names<'b>) -> [u64; 7] {
        let patterns: Vec<_> = matcher
            .patterns
            .iter()
            .map(|pattern| self.pattern(pattern))
            .collect();
        [
            names.place(&matcher.label.name),
            word(matcher.label.word),
            place_of(&matcher.operator, &COMPARISONS),
            // A value that is declared has none of what is escaped.
            self.text(&one_line(&matcher.value)),
            word(matcher.word),
            matcher.number.unwrap_or(f64::NAN).to_bits(),
            self.list(&patterns),
        ]
    }

    fn pattern(&mut self, pattern: &Pattern) -> [u64; 5] {
        let (mut automaton, mut shape) = (None, 0);
        if let Some(table) = &pattern.automaton {
            automaton = Some(self.automaton(&pattern.text, table));
            shape = u64::from(table.width) | (table.accepts.len() as u64) << 16;
        }
        [
            self.text(&one_line(&pattern.text)),
            word(pattern.word),
            pattern.number.unwrap_or(f64::NAN).to_bits(),
            optional(automaton),
            shape,
        ]
    }

    fn automaton(&mut self, pattern: &str, automaton: &Automaton) -> u64 {
        if let Some(place) = self.automata.get(pattern) {
            return *place;
        }
        let place = self.out.tables.len() as u64;
        for table in [&automaton.classes, &automaton.next, &automaton.accepts] {
            self.out.tables.extend(table);
        }
        self.automata.insert(pattern.to_owned(), place);
        place
    }
}
