//! What `include_rules!` writes its constants with.

pub use core::option::Option;

pub use std::borrow::Cow::Borrowed;

pub use datapunk_metrics_rules::{
    Automaton, Behaviour, Comparison, Difference, External, FileFacts, Form, Grouping, Keeps,
    LabelWord, Line, List, Many, MatchOperator, Matcher, MetricName, Node, Operator, Pattern,
    Problem, RuleFacts, RuleKind, Source, Text, Word,
};

pub use crate::rules::{
    Candidate, Catalogue, Report, RuleFile, RuleFiles, Slot, all_metrics, check_outside,
    check_rule, count_metrics, fail_if_any, index, index_length, notes, notes_length,
};

#[must_use]
pub const fn word(source: u16, start: u32, length: u32) -> Word {
    Word {
        source,
        start,
        length,
    }
}

#[must_use]
pub const fn float(bits: u64) -> f64 {
    f64::from_bits(bits)
}
