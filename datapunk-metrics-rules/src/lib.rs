//! Prometheus rule files: reads them, and says what they ask of metrics.
//!
//! [`RuleDocument::read`] gives the groups and rules of a file, each with its line. [`facts`] turns them into plain data
//! that says what each rule asks of the metrics that it reads: which names, labels, values and kinds there have to be.
//! Whoever knows the metrics holds the facts against them: `datapunk-metrics` does, in a constant for
//! `include_rules!` and at run time for `rules::check`, with one implementation.
//!
//! What needs no knowledge of metrics is found here: the shape of the YAML, the syntax of `PromQL` and of templates, names,
//! durations, severities, labels and annotations that have to be there.
//!
//! ```
//! use datapunk_metrics_rules::{Options, RuleDocument};
//!
//! let document = RuleDocument::read(
//!     "groups:\n- name: lake\n  rules:\n  - record: lake:requests:rate5m\n    expr: sum(rate(lake_requests_total[5m]))\n",
//! )
//! .expect("the file is well-formed");
//! assert_eq!(document.groups[0].rules[0].name.text, "lake:requests:rate5m");
//! let facts = datapunk_metrics_rules::facts(&[("lake.yml", &document)], &Options::default());
//! assert!(facts[0].rules[0].problems.is_empty());
//! ```

#![forbid(unsafe_code)]

mod alike;
mod automaton;
mod document;
mod durations;
mod facts;
mod lint;
mod lower;
mod options;
mod pack;
pub mod packed;
mod patterns;
mod query;
mod scan;
mod template;
mod words;

pub use document::{Group, Located, Rule, RuleDocument};
pub use durations::parse_duration;
pub use facts::{
    Automaton, Behaviour, Comparison, Difference, Expression, FileFacts, Form, Grouping, Keeps,
    LabelWord, Line, Many, MatchOperator, Matcher, MetricName, Node, Operator, Pattern, Problem,
    RuleFacts, RuleKind, Source, Word,
};
pub use lint::facts;
pub use options::Options;
pub use pack::{PackedFile, pack};
pub use query::{Query, Selection, Threshold};
