//! What rules ask of metrics, as plain data.

/// A part of one of a rule's [`Source`]s, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// Which of the rule's sources.
    pub source: u16,
    /// Where it begins.
    pub start: u32,
    /// How long it is.
    pub length: u32,
}

/// The text of an expression or of a template.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    /// The text, as YAML gives it.
    pub text: String,
    /// The line of the file that it begins in.
    pub line: u32,
    /// Whether the lines of the text are lines of the file.
    pub is_block: bool,
    /// The text as messages show it: each line that is not empty with a line break and four spaces before it.
    pub shown: String,
    /// The lines of the text.
    pub lines: Vec<Line>,
    /// Whether each byte of the text is a character.
    pub is_ascii: bool,
}

/// A line of a source, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it begins in the text.
    pub start: u32,
    /// Where it ends in what is shown of it.
    pub shown_end: u32,
}

impl Source {
    /// A text, and how messages show it.
    #[must_use]
    pub fn new(text: &str, line: u32, is_block: bool) -> Self {
        let number = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        let (mut lines, mut shown, mut start) = (Vec::new(), String::new(), 0);
        for line in text.split_inclusive('\n') {
            let written = line.strip_suffix('\n').unwrap_or(line);
            if !written.is_empty() {
                shown.push_str("\n    ");
                shown.push_str(written);
            }
            lines.push(Line {
                start: number(start),
                shown_end: number(shown.len()),
            });
            start += line.len();
        }
        Self {
            is_ascii: text.is_ascii(),
            text: text.to_owned(),
            line,
            is_block,
            shown,
            lines,
        }
    }
}

/// A text in one line, as a message takes it: what ends a line, and what a terminal obeys, is shown as it is escaped.
pub(crate) fn one_line(text: &str) -> String {
    let is_plain =
        |character: char| !character.is_control() && !"\u{2028}\u{2029}".contains(character);
    let mut line = String::with_capacity(text.len());
    for character in text.chars() {
        if is_plain(character) {
            line.push(character);
        } else {
            line.extend(character.escape_default());
        }
    }
    line
}

/// A mistake that is one whatever the metrics are.
#[derive(Clone, Debug, PartialEq)]
pub struct Problem {
    /// The line of the file, where there is no word.
    pub line: u32,
    /// The word to point at.
    pub word: Option<Word>,
    /// What is wrong, in one line.
    pub fact: String,
    /// Why; may be empty.
    pub note: String,
    /// What to write; may be empty.
    pub help: String,
}

/// What the rules of a file ask.
#[derive(Clone, Debug, PartialEq)]
pub struct FileFacts {
    /// The file, as messages name it.
    pub path: String,
    /// The rules in the order of the file.
    pub rules: Vec<RuleFacts>,
    /// Mistakes outside of rules.
    pub problems: Vec<Problem>,
}

/// What kind of rule it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleKind {
    /// An alert.
    Alert,
    /// A recorded series.
    Record,
}

/// What one rule asks.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleFacts {
    /// An alert or a recording rule.
    pub kind: RuleKind,
    /// The alert's name, or that of the recorded metric.
    pub name: String,
    /// The hash of the name.
    pub hash: u64,
    /// The pairs of letters of the name, for those who mean it and write another one.
    pub pairs: u64,
    /// The line that it begins in.
    pub line: u32,
    /// The expression, then the templates that have something to say.
    pub sources: Vec<Source>,
    /// The nodes of all expressions; children come before their parents.
    pub nodes: Vec<Node>,
    /// The top of `expr`; none where it can't be read.
    pub expression: Option<u16>,
    /// The tops of the queries in templates.
    pub queries: Vec<u16>,
    /// The names of the labels that the rule adds.
    pub labels: Vec<String>,
    /// The labels that templates show.
    pub shown: Vec<LabelWord>,
    /// Mistakes that need no knowledge of metrics.
    pub problems: Vec<Problem>,
}

/// A label where it is written.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelWord {
    /// Its name.
    pub name: String,
    /// Where.
    pub word: Word,
}

/// A node of an expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The word that messages point at.
    pub word: Word,
    /// What it does.
    pub form: Form,
}

/// An expression as a whole: the rule that it is in, and its top.
pub type Expression = u16;

/// What a node does to series. Numbers are the places of other nodes.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// A number.
    Number(f64),
    /// A string.
    Text,
    /// One number without labels, such as `time()`.
    Scalar(Vec<Expression>),
    /// One series without labels, such as `vector(1)`.
    Vector(Vec<Expression>),
    /// Labels that nothing is known of.
    Opaque(Vec<Expression>),
    /// Series of a metric.
    Selector {
        /// The metric, where it is named.
        metric: Option<MetricName>,
        /// What is asked of labels.
        matchers: Vec<Matcher>,
    },
    /// A function that keeps the labels.
    Call {
        /// The function's name.
        function: String,
        /// What it takes and gives.
        behaviour: Behaviour,
        /// The series.
        argument: Expression,
        /// All other arguments.
        others: Vec<Expression>,
    },
    /// `histogram_quantile`.
    Quantile {
        /// The buckets.
        argument: Expression,
        /// The quantile.
        others: Vec<Expression>,
    },
    /// `absent` and `absent_over_time`.
    Absent {
        /// The series that may be absent.
        argument: Expression,
        /// The labels that the result has.
        labels: Vec<String>,
    },
    /// `label_replace` and `label_join`.
    Relabel {
        /// The series.
        argument: Expression,
        /// The labels that are read.
        reads: Vec<LabelWord>,
        /// The label that is written.
        writes: String,
    },
    /// An aggregation.
    Aggregate {
        /// What comes out.
        keeps: Keeps,
        /// The series.
        argument: Expression,
        /// The parameter.
        others: Vec<Expression>,
        /// How series are grouped.
        grouping: Grouping,
        /// The labels of `by` or `without`.
        labels: Vec<LabelWord>,
        /// The label that `count_values` writes.
        writes: Option<String>,
    },
    /// Two sides.
    Binary {
        /// The operator.
        operator: Operator,
        /// The left side.
        left: Expression,
        /// The right side.
        right: Expression,
        /// How series of the two sides find each other.
        matching: MatchOperator,
        /// The labels of `on` or `ignoring`.
        labels: Vec<LabelWord>,
        /// The side with several series for one of the other.
        many: Many,
        /// The labels of `group_left` or `group_right`.
        includes: Vec<LabelWord>,
        /// For a division whose sides differ in matchers alone: in which.
        differences: Option<Vec<Difference>>,
    },
}

/// A metric's name, with what a look-up needs.
#[derive(Clone, Debug, PartialEq)]
pub struct MetricName {
    /// The name, as it is written.
    pub name: String,
    /// Its hash.
    pub hash: u64,
    /// The length of the name without `_bucket`, `_count` or `_sum`; 0 without such an end.
    pub stem: u16,
    /// The hash of the name without it.
    pub stem_hash: u64,
}

/// What is asked of a label.
#[derive(Clone, Debug, PartialEq)]
pub struct Matcher {
    /// The label.
    pub label: LabelWord,
    /// The comparison.
    pub operator: Comparison,
    /// The value.
    pub value: String,
    /// Where the value is written.
    pub word: Word,
    /// The value as a number, for `le`.
    pub number: Option<f64>,
    /// The alternatives of a regular expression.
    pub patterns: Vec<Pattern>,
}

/// One alternative of a regular expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// As it is written.
    pub text: String,
    /// Where.
    pub word: Word,
    /// The number that it spells, for `le`.
    pub number: Option<f64>,
    /// Runs over values; none if it would be too big for that.
    pub automaton: Option<Automaton>,
}

/// A deterministic automaton over bytes, of at most 255 states; 0 is the first.
#[derive(Clone, Debug, PartialEq)]
pub struct Automaton {
    /// The class of each byte.
    pub classes: Vec<u8>,
    /// The next state, by state and class.
    pub next: Vec<u8>,
    /// How many classes there are.
    pub width: u16,
    /// 1 for the states in which a whole value is accepted.
    pub accepts: Vec<u8>,
}

/// How a matcher or an operator compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`, or `==`.
    Equal,
    /// `!=`
    NotEqual,
    /// `=~`
    Matches,
    /// `!~`
    MatchesNot,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
}

/// What a function takes and gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes counters, and gives how fast they grow.
    Rate,
    /// Takes gauges, and gives how they change.
    Delta,
    /// Gives values of the kind that it takes.
    Keep,
    /// Gives values that are no longer those of the metric.
    Count,
}

/// What an aggregation gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keeps {
    /// Values of the kind that it takes, by group.
    Value,
    /// Another value, by group.
    Nothing,
    /// Some of the series as they are.
    Series,
}

/// How an aggregation groups series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Grouping {
    /// `by`, or all in one.
    By,
    /// `without`
    Without,
}

/// The operator between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `/`
    Divide,
    /// `-`
    Subtract,
    /// Other arithmetic.
    Arithmetic,
    /// A comparison.
    Compare(Comparison),
    /// `and`
    And,
    /// `or`
    Or,
    /// `unless`
    Unless,
}

/// How series of two sides find each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchOperator {
    /// By all labels.
    All,
    /// `on`
    On,
    /// `ignoring`
    Ignoring,
}

/// The side with several series for one of the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Many {
    /// Neither.
    Neither,
    /// `group_left`
    Left,
    /// `group_right`
    Right,
}

/// A label whose matchers differ between two sides that are alike otherwise.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// The label.
    pub label: String,
    /// Whether both sides have a matcher of it.
    pub on_both: bool,
}
