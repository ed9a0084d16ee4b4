//! Facts as numbers and texts: what a macro writes as a few literals, and a constant reads without making anything of it.
//!
//! A constant of nested structs costs the compiler more than the check of what is in it: each field is typed, built and
//! evaluated. Here a field is read when a check asks for it.
//!
//! [`pack`](crate::pack()) writes what this reads. A list is its place and its length; the items are records of some numbers
//! each, one behind the other.

pub(crate) mod layout;
mod read;

use crate::facts::{
    Behaviour, Comparison, Grouping, Keeps, Many, MatchOperator, Operator, RuleKind, Word,
};

/// What the rules of a file ask.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// All numbers of the file.
    pub numbers: &'a [u64],
    /// All texts of the file, each once.
    pub texts: &'a [&'a str],
    /// The tables of the automata.
    pub tables: &'a [u8],
}

/// The place of a text.
pub type Text = usize;

/// The place of a label's name among those of its rule.
pub type Label = usize;

/// The place of a node among those of its rule.
pub type Expression = usize;

/// Records one behind the other.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// The place of the first number.
    pub at: usize,
    /// How many records there are.
    pub length: usize,
}

impl List {
    /// No records.
    pub const EMPTY: Self = Self { at: 0, length: 0 };
}

/// What one rule asks.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// An alert or a recording rule.
    pub kind: RuleKind,
    /// The alert's name, or that of the recorded metric.
    pub name: Text,
    /// The hash of the name.
    pub hash: u64,
    /// How a mistake of the rule begins: file, line and name.
    pub head: Text,
    /// The top of `expr`; none where it can't be read.
    pub expression: Option<Expression>,
    /// The nodes of all expressions.
    pub nodes: List,
    /// The expression, then the templates that have something to say.
    pub sources: List,
    /// The tops of the queries in templates.
    pub queries: List,
    /// The labels that the rule adds.
    pub labels: List,
    /// The labels that templates show, each with its word.
    pub shown: List,
    /// Mistakes that need no knowledge of metrics.
    pub problems: List,
    /// The names of the labels that the rule speaks of, after those of all targets and `le`.
    pub names: List,
}

/// A node of an expression.
#[derive(Clone, Copy, Debug)]
pub struct Node {
    /// The word that messages point at.
    pub word: Word,
    /// What it does.
    pub form: Form,
}

/// What a node does to series, as [`facts::Form`](crate::Form) has it.
#[derive(Clone, Copy, Debug)]
pub enum Form {
    /// A number.
    Number(f64),
    /// A string.
    Text,
    /// One number without labels.
    Scalar(List),
    /// One series without labels.
    Vector(List),
    /// Labels that nothing is known of.
    Opaque(List),
    /// Series of a metric.
    Selector {
        /// The place of the metric's name, where it is named.
        metric: Option<usize>,
        /// What is asked of labels.
        matchers: List,
    },
    /// A function that keeps the labels.
    Call {
        /// The function's name.
        function: Text,
        /// What it takes and gives.
        behaviour: Behaviour,
        /// The series.
        argument: Expression,
        /// All other arguments.
        others: List,
    },
    /// `histogram_quantile`.
    Quantile {
        /// The buckets.
        argument: Expression,
        /// The quantile.
        others: List,
    },
    /// `absent` and `absent_over_time`.
    Absent {
        /// The series that may be absent.
        argument: Expression,
        /// The labels that the result has.
        labels: List,
    },
    /// `label_replace` and `label_join`.
    Relabel {
        /// The series.
        argument: Expression,
        /// The labels that are read, each with its word.
        reads: List,
        /// The label that is written.
        writes: Label,
    },
    /// An aggregation.
    Aggregate {
        /// What comes out.
        keeps: Keeps,
        /// The series.
        argument: Expression,
        /// The parameter.
        others: List,
        /// How series are grouped.
        grouping: Grouping,
        /// The labels of `by` or `without`, each with its word.
        labels: List,
        /// The label that `count_values` writes.
        writes: Option<Label>,
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
        /// The labels of `on` or `ignoring`, each with its word.
        labels: List,
        /// The side with several series for one of the other.
        many: Many,
        /// The labels of `group_left` or `group_right`, each with its word.
        includes: List,
        /// For a division whose sides differ in matchers alone: in which.
        differences: Option<List>,
    },
}

/// A metric's name, with what a look-up needs.
#[derive(Clone, Copy, Debug)]
pub struct MetricName<'a> {
    /// The name, as it is written.
    pub name: &'a str,
    /// Its hash.
    pub hash: u64,
    /// The length of the name without `_bucket`, `_count` or `_sum`; 0 without such an end.
    pub stem: usize,
    /// The hash of the name without it.
    pub stem_hash: u64,
    /// The pairs of letters of the name, and the hashes of its halves.
    pub likeness: (u64, u64),
    /// Those of the name without its end.
    pub stem_likeness: (u64, u64),
}

/// What is asked of a label.
#[derive(Clone, Copy, Debug)]
pub struct Matcher {
    /// The label.
    pub label: Label,
    /// Where the label is written.
    pub label_word: Word,
    /// The comparison.
    pub operator: Comparison,
    /// The value.
    pub value: Text,
    /// Where the value is written.
    pub word: Word,
    /// The value as a number, for `le`; NaN if it is none.
    pub number: f64,
    /// The alternatives of a regular expression.
    pub patterns: List,
}

/// One alternative of a regular expression.
#[derive(Clone, Copy, Debug)]
pub struct Pattern {
    /// As it is written.
    pub text: Text,
    /// Where.
    pub word: Word,
    /// The number that it spells, for `le`; NaN if it is none.
    pub number: f64,
    /// Runs over values; none if it would be too big for that.
    pub automaton: Option<Automaton>,
}

/// The places of an automaton's tables.
#[derive(Clone, Copy, Debug)]
pub struct Automaton {
    /// The class of each byte.
    pub classes: usize,
    /// The next state, by state and class.
    pub next: usize,
    /// How many classes there are.
    pub width: usize,
    /// 1 for the states in which a whole value is accepted.
    pub accepts: usize,
}

/// A mistake that is one whatever the metrics are.
#[derive(Clone, Copy, Debug)]
pub struct Problem {
    /// How the mistake begins, where there is no word.
    pub head: Text,
    /// The word to point at.
    pub word: Option<Word>,
    /// What is wrong, in one line.
    pub fact: Text,
    /// Why; may be empty.
    pub note: Text,
    /// What to write; may be empty.
    pub help: Text,
}

/// The text of an expression or of a template.
#[derive(Clone, Copy, Debug)]
pub struct Source {
    /// The text, as YAML gives it.
    pub text: Text,
    /// The text as messages show it.
    pub shown: Text,
    /// The lines of the text.
    pub lines: List,
    /// Whether each byte of the text is a character.
    pub is_ascii: bool,
}

/// A line of a source.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Where it begins in the text.
    pub start: usize,
    /// Where it ends in what is shown of it.
    pub shown_end: usize,
    /// How a mistake in it begins: file, line and rule.
    pub head: Text,
}
