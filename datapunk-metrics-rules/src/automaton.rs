//! Regular expressions of matchers as automata that a constant can walk.

use std::collections::HashMap;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson;
use regex_automata::util::primitives::StateID;
use regex_automata::util::start;
use regex_automata::{Anchored, util::syntax};
use regex_syntax::ast::{self, Ast};

use crate::facts::Automaton;

/// The most states that fit a byte, which also keeps tables small enough for a constant.
const MOST_STATES: usize = 255;

/// The alternatives of a regular expression, as parts of it: `5..|404` has two, `a(b|c)` has one.
pub(crate) fn alternatives(pattern: &str) -> Vec<core::ops::Range<usize>> {
    let whole = core::iter::once(0..pattern.len()).collect();
    // A flag in one alternative holds in those behind it, so that they can't be taken apart.
    if pattern.contains("(?") {
        return whole;
    }
    let Ok(tree) = ast::parse::Parser::new().parse(pattern) else {
        return whole;
    };
    match without_group(&tree) {
        Ast::Alternation(alternation) => alternation
            .asts
            .iter()
            .map(|ast| ast.span().start.offset..ast.span().end.offset)
            .collect(),
        _ => whole,
    }
}

fn without_group(tree: &Ast) -> &Ast {
    match tree {
        Ast::Group(group) => without_group(&group.ast),
        other => other,
    }
}

/// What keeps a text from being a regular expression by itself.
pub(crate) fn mistake(pattern: &str) -> Option<String> {
    let parsed = ast::parse::Parser::new().parse(pattern);
    parsed.err().map(|error| error.kind().to_string())
}

/// Automata that were made: a file asks for the same few again and again, and each takes a while to make.
#[derive(Default)]
pub(crate) struct Automata(HashMap<String, Option<Automaton>>);

impl Automata {
    /// The [`automaton`] of a regular expression.
    pub(crate) fn of(&mut self, pattern: &str) -> Option<Automaton> {
        if let Some(known) = self.0.get(pattern) {
            return known.clone();
        }
        let made = automaton(pattern);
        self.0.insert(pattern.to_owned(), made.clone());
        made
    }
}

/// The automaton that accepts what the whole of the regular expression matches, as Prometheus asks it; none if the
/// expression is not one, or would need too many states.
fn automaton(pattern: &str) -> Option<Automaton> {
    // Between the anchors `)|(` would be one.
    if mistake(pattern).is_some() {
        return None;
    }
    // Over bytes it is built in a tenth of the time. A value that is not ASCII is not held against it.
    let over_bytes = pattern.is_ascii().then(|| build(pattern, false)).flatten();
    over_bytes.or_else(|| build(pattern, true))
}

fn build(pattern: &str, is_unicode: bool) -> Option<Automaton> {
    let config = dense::Config::new()
        .minimize(true)
        .start_kind(StartKind::Anchored)
        .determinize_size_limit(Some(1 << 16))
        .dfa_size_limit(Some(1 << 16));
    let dfa = dense::Builder::new()
        .configure(config)
        .syntax(
            syntax::Config::new()
                .dot_matches_new_line(true)
                .unicode(is_unicode)
                .utf8(is_unicode),
        )
        .thompson(thompson::Config::new().utf8(is_unicode))
        .build(&format!("^(?:{pattern})$"))
        .ok()?;
    let start = start::Config::new().anchored(Anchored::Yes);
    let start = dfa.start_state(&start).ok()?;

    let mut numbers: HashMap<StateID, u8> = HashMap::from([(start, 0)]);
    let mut states = vec![start];
    let mut rows: Vec<Vec<u8>> = Vec::new();
    while let Some(&state) = states.get(rows.len()) {
        let mut row = Vec::with_capacity(256);
        for byte in 0..=u8::MAX {
            let next = dfa.next_state(state, byte);
            let number = match numbers.get(&next) {
                Some(number) => *number,
                None if states.len() < MOST_STATES => {
                    let number = u8::try_from(states.len()).ok()?;
                    numbers.insert(next, number);
                    states.push(next);
                    number
                }
                None => return None,
            };
            row.push(number);
        }
        rows.push(row);
    }
    let accepts = states
        .iter()
        .map(|state| u8::from(dfa.is_match_state(dfa.next_eoi_state(*state))))
        .collect();
    Some(packed(&rows, accepts))
}

/// Bytes that no state tells apart share a column.
fn packed(rows: &[Vec<u8>], accepts: Vec<u8>) -> Automaton {
    let mut columns: Vec<Vec<u8>> = Vec::new();
    let mut classes = Vec::with_capacity(256);
    for byte in 0..256 {
        let column: Vec<u8> = rows.iter().map(|row| row[byte]).collect();
        let class = columns
            .iter()
            .position(|known| *known == column)
            .unwrap_or_else(|| {
                columns.push(column);
                columns.len() - 1
            });
        // No more classes than bytes.
        classes.push(u8::try_from(class).unwrap_or(u8::MAX));
    }
    let next = (0..rows.len())
        .flat_map(|state| columns.iter().map(move |column| column[state]))
        .collect();
    Automaton {
        classes,
        next,
        width: u16::try_from(columns.len()).unwrap_or(u16::MAX),
        accepts,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn accepts(automaton: &Automaton, value: &str) -> bool {
        let mut state = 0_u8;
        for byte in value.bytes() {
            let class = automaton.classes[usize::from(byte)];
            state = automaton.next
                [usize::from(state) * usize::from(automaton.width) + usize::from(class)];
        }
        automaton.accepts[usize::from(state)] == 1
    }

    #[test]
    fn the_whole_value_is_matched() {
        let automaton = automaton("5..").expect("it is small");
        for (value, matches) in [
            ("500", true),
            ("599", true),
            ("5", false),
            ("5000", false),
            ("404", false),
            ("", false),
        ] {
            assert_eq!(accepts(&automaton, value), matches, "{value}");
        }
    }

    #[test]
    fn automata_of_closed_values_are_small() {
        for pattern in [
            "5..",
            "GET|POST",
            "(?i).*(dlq|dead[-_.]?letter).*",
            ".+",
            "",
        ] {
            let automaton = automaton(pattern).expect("it is small");
            assert!(
                automaton.next.len() < 1500,
                "{pattern}: {}",
                automaton.next.len()
            );
        }
        assert_eq!(automaton("[ab]*a[ab]{12}"), None);
        assert_eq!(automaton("("), None);
        assert_eq!(automaton(")|("), None);
    }

    #[test]
    fn alternatives_are_told_apart_at_the_top() {
        let parts = |pattern: &str| -> Vec<String> {
            alternatives(pattern)
                .into_iter()
                .map(|range| pattern[range].to_owned())
                .collect()
        };
        assert_eq!(parts("5..|404"), ["5..", "404"]);
        assert_eq!(parts("(hit|miss)"), ["hit", "miss"]);
        assert_eq!(parts("a(b|c)"), ["a(b|c)"]);
        assert_eq!(parts("(?i)a|b"), ["(?i)a|b"]);
        assert_eq!(parts("("), ["("]);
        assert_eq!(parts(""), [""]);
    }

    proptest! {
        // A table is built for each, without optimisation.
        #![proptest_config(ProptestConfig::with_cases(40))]

        #[test]
        fn an_automaton_says_what_a_regular_expression_says(
            pattern in "[abc.*|?()+\\[\\]^$]{0,8}",
            values in proptest::collection::vec("[abc]{0,5}", 8),
        ) {
            if let (Some(automaton), Ok(expression)) =
                (automaton(&pattern), regex_automata::dfa::dense::DFA::new(&format!("^(?:{pattern})$")))
            {
                for value in values {
                    let input = regex_automata::Input::new(&value).anchored(Anchored::Yes);
                    let found = expression.try_search_fwd(&input).expect("it can be searched").is_some();
                    prop_assert_eq!(accepts(&automaton, &value), found, "{} on {}", pattern, value);
                }
            }
        }
    }
}
