//! Where things are in the numbers of a file: the lengths of records, and the codes of what has a few variants.

use crate::facts::{Behaviour, Comparison, Keeps, Many, MatchOperator, Operator};

/// The lists that a file begins with.
pub(crate) const HEADER: usize = 3;

/// How many numbers a record of each kind takes.
pub(crate) const RULE: usize = 13;
pub(crate) const NODE: usize = 6;
pub(crate) const MATCHER: usize = 7;
pub(crate) const PATTERN: usize = 5;
pub(crate) const PROBLEM: usize = 5;
pub(crate) const SOURCE: usize = 4;
pub(crate) const LINE: usize = 3;
pub(crate) const LABEL_WORD: usize = 2;
pub(crate) const NAME: usize = 2;
pub(crate) const DIFFERENCE: usize = 2;

/// No word: no text is that long.
pub(crate) const NO_WORD: u64 = u64::MAX;

/// The kinds of nodes, in the lowest byte of a node.
pub(crate) mod tag {
    pub(crate) const NUMBER: u64 = 0;
    pub(crate) const TEXT: u64 = 1;
    pub(crate) const SCALAR: u64 = 2;
    pub(crate) const VECTOR: u64 = 3;
    pub(crate) const OPAQUE: u64 = 4;
    pub(crate) const SELECTOR: u64 = 5;
    pub(crate) const CALL: u64 = 6;
    pub(crate) const QUANTILE: u64 = 7;
    pub(crate) const ABSENT: u64 = 8;
    pub(crate) const RELABEL: u64 = 9;
    pub(crate) const AGGREGATE: u64 = 10;
    pub(crate) const BINARY: u64 = 11;
}

pub(crate) const COMPARISONS: [Comparison; 8] = [
    Comparison::Equal,
    Comparison::NotEqual,
    Comparison::Matches,
    Comparison::MatchesNot,
    Comparison::Greater,
    Comparison::GreaterOrEqual,
    Comparison::Less,
    Comparison::LessOrEqual,
];

pub(crate) const BEHAVIOURS: [Behaviour; 4] = [
    Behaviour::Rate,
    Behaviour::Delta,
    Behaviour::Keep,
    Behaviour::Count,
];

pub(crate) const KEEPS: [Keeps; 3] = [Keeps::Value, Keeps::Nothing, Keeps::Series];

pub(crate) const OPERATORS: [Operator; 14] = [
    Operator::Divide,
    Operator::Subtract,
    Operator::Arithmetic,
    Operator::And,
    Operator::Or,
    Operator::Unless,
    Operator::Compare(Comparison::Equal),
    Operator::Compare(Comparison::NotEqual),
    Operator::Compare(Comparison::Matches),
    Operator::Compare(Comparison::MatchesNot),
    Operator::Compare(Comparison::Greater),
    Operator::Compare(Comparison::GreaterOrEqual),
    Operator::Compare(Comparison::Less),
    Operator::Compare(Comparison::LessOrEqual),
];

pub(crate) const MATCH_OPERATORS: [MatchOperator; 3] = [
    MatchOperator::All,
    MatchOperator::On,
    MatchOperator::Ignoring,
];

pub(crate) const MANY: [Many; 3] = [Many::Neither, Many::Left, Many::Right];
