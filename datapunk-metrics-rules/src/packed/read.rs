//! Reads what a file is packed as.

use super::layout::{
    BEHAVIOURS, COMPARISONS, DIFFERENCE, KEEPS, LABEL_WORD, LINE, MANY, MATCH_OPERATORS, MATCHER,
    NO_WORD, NODE, OPERATORS, PATTERN, PROBLEM, RULE, SOURCE, tag,
};
use super::{
    Automaton, Expression, File, Form, Label, Line, List, Matcher, MetricName, Node, Pattern,
    Problem, Rule, Source, Text,
};
use crate::facts::{Grouping, RuleKind, Word};

#[expect(
    clippy::cast_possible_truncation,
    reason = "places fit a `usize`, or there would be no such slice"
)]
const fn place(number: u64) -> usize {
    number as usize
}

const fn list(number: u64) -> List {
    List {
        at: place(number >> 32),
        length: place(number & 0xffff_ffff),
    }
}

/// A place and 1, or 0 for none.
const fn optional(number: u64) -> Option<usize> {
    if number == 0 {
        None
    } else {
        Some(place(number - 1))
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "each part is cut to its size"
)]
const fn word(number: u64) -> Word {
    Word {
        source: (number >> 48) as u16,
        start: (number >> 24) as u32 & 0xff_ffff,
        length: number as u32 & 0xff_ffff,
    }
}

impl<'a> File<'a> {
    /// The text at a place.
    #[must_use]
    pub const fn text(&self, at: Text) -> &'a str {
        self.texts[at]
    }

    /// The rules in the order of the file.
    #[must_use]
    pub const fn rules(&self) -> List {
        list(self.numbers[0])
    }

    /// Mistakes outside of rules.
    #[must_use]
    pub const fn problems(&self) -> List {
        list(self.numbers[1])
    }

    /// The place among the rules of the one that records a metric of this hash.
    #[must_use]
    pub const fn record(&self, hash: u64) -> Option<usize> {
        let slots = list(self.numbers[2]);
        if slots.length == 0 {
            return None;
        }
        let rules = self.rules();
        let mut slot = hash & (slots.length as u64 - 1);
        loop {
            let rule = optional(self.numbers[slots.at + place(slot)]);
            let Some(at) = rule else { return None };
            if self.numbers[rules.at + at * RULE + 2] == hash {
                return rule;
            }
            slot = (slot + 1) & (slots.length as u64 - 1);
        }
    }

    /// A rule of [`rules`](Self::rules).
    #[must_use]
    pub const fn rule(&self, at: usize) -> Rule {
        let (numbers, at) = (self.numbers, self.rules().at + at * RULE);
        Rule {
            kind: if numbers[at] == 0 {
                RuleKind::Alert
            } else {
                RuleKind::Record
            },
            name: place(numbers[at + 1]),
            hash: numbers[at + 2],
            head: place(numbers[at + 3]),
            expression: optional(numbers[at + 4]),
            nodes: list(numbers[at + 5]),
            sources: list(numbers[at + 6]),
            queries: list(numbers[at + 7]),
            labels: list(numbers[at + 8]),
            shown: list(numbers[at + 9]),
            problems: list(numbers[at + 10]),
            names: list(numbers[at + 11]),
        }
    }

    /// The pairs of letters of a rule's name.
    #[must_use]
    pub const fn pairs(&self, rule: usize) -> u64 {
        self.numbers[self.rules().at + rule * RULE + 12]
    }

    /// An item of a list of single numbers: expressions, labels, texts.
    #[must_use]
    pub const fn item(&self, list: List, at: usize) -> usize {
        place(self.numbers[list.at + at])
    }

    /// A label with its word.
    #[must_use]
    pub const fn label_word(&self, list: List, at: usize) -> (Label, Word) {
        let at = list.at + at * LABEL_WORD;
        (place(self.numbers[at]), word(self.numbers[at + 1]))
    }

    /// A label whose matchers differ between two sides, and whether both sides have one.
    #[must_use]
    pub const fn difference(&self, list: List, at: usize) -> (Label, bool) {
        let at = list.at + at * DIFFERENCE;
        (place(self.numbers[at]), self.numbers[at + 1] == 1)
    }

    /// A node of a rule.
    #[must_use]
    pub const fn node(&self, nodes: List, at: Expression) -> Node {
        let (numbers, at) = (self.numbers, nodes.at + at * NODE);
        let (head, first, second) = (numbers[at], numbers[at + 2], numbers[at + 3]);
        let codes = [
            place(head >> 8 & 0xff),
            place(head >> 16 & 0xff),
            place(head >> 24 & 0xff),
        ];
        let form = match head & 0xff {
            tag::NUMBER => Form::Number(f64::from_bits(first)),
            tag::TEXT => Form::Text,
            tag::SCALAR => Form::Scalar(list(first)),
            tag::VECTOR => Form::Vector(list(first)),
            tag::SELECTOR => Form::Selector {
                metric: optional(first),
                matchers: list(second),
            },
            tag::CALL => Form::Call {
                behaviour: BEHAVIOURS[codes[0]],
                argument: place(first),
                others: list(second),
                function: place(numbers[at + 4]),
            },
            tag::QUANTILE => Form::Quantile {
                argument: place(first),
                others: list(second),
            },
            tag::ABSENT => Form::Absent {
                argument: place(first),
                labels: list(second),
            },
            tag::RELABEL => Form::Relabel {
                argument: place(first),
                reads: list(second),
                writes: place(numbers[at + 4]),
            },
            tag::AGGREGATE => Form::Aggregate {
                keeps: KEEPS[codes[0]],
                grouping: if codes[1] == 0 {
                    Grouping::By
                } else {
                    Grouping::Without
                },
                argument: place(first),
                others: list(second),
                labels: list(numbers[at + 4]),
                writes: optional(numbers[at + 5]),
            },
            tag::BINARY => Form::Binary {
                operator: OPERATORS[codes[0]],
                matching: MATCH_OPERATORS[codes[1]],
                many: MANY[codes[2]],
                left: place(first >> 32),
                right: place(first & 0xffff_ffff),
                labels: list(second),
                includes: list(numbers[at + 4]),
                differences: if head >> 32 == 0 {
                    None
                } else {
                    Some(list(numbers[at + 5]))
                },
            },
            _ => Form::Opaque(list(first)),
        };
        Node {
            word: word(numbers[at + 1]),
            form,
        }
    }

    /// The metric of a selector.
    #[must_use]
    pub const fn metric_name(&self, at: usize) -> MetricName<'a> {
        let numbers = self.numbers;
        MetricName {
            name: self.text(place(numbers[at])),
            hash: numbers[at + 1],
            stem: place(numbers[at + 2]),
            stem_hash: numbers[at + 3],
            pairs: numbers[at + 4],
            stem_pairs: numbers[at + 5],
        }
    }

    /// A matcher of a selector.
    #[must_use]
    pub const fn matcher(&self, matchers: List, at: usize) -> Matcher {
        let (numbers, at) = (self.numbers, matchers.at + at * MATCHER);
        Matcher {
            label: place(numbers[at]),
            label_word: word(numbers[at + 1]),
            operator: COMPARISONS[place(numbers[at + 2])],
            value: place(numbers[at + 3]),
            word: word(numbers[at + 4]),
            number: f64::from_bits(numbers[at + 5]),
            patterns: list(numbers[at + 6]),
        }
    }

    /// An alternative of a matcher's regular expression.
    #[must_use]
    pub const fn pattern(&self, patterns: List, at: usize) -> Pattern {
        let (numbers, at) = (self.numbers, patterns.at + at * PATTERN);
        let width = place(numbers[at + 4] & 0xffff);
        let states = place(numbers[at + 4] >> 16);
        Pattern {
            text: place(numbers[at]),
            word: word(numbers[at + 1]),
            number: f64::from_bits(numbers[at + 2]),
            automaton: match optional(numbers[at + 3]) {
                None => None,
                Some(classes) => Some(Automaton {
                    classes,
                    next: classes + 256,
                    width,
                    accepts: classes + 256 + width * states,
                }),
            },
        }
    }

    /// A mistake of a rule, or of the file.
    #[must_use]
    pub const fn problem(&self, problems: List, at: usize) -> Problem {
        let (numbers, at) = (self.numbers, problems.at + at * PROBLEM);
        Problem {
            head: place(numbers[at]),
            word: if numbers[at + 1] == NO_WORD {
                None
            } else {
                Some(word(numbers[at + 1]))
            },
            fact: place(numbers[at + 2]),
            note: place(numbers[at + 3]),
            help: place(numbers[at + 4]),
        }
    }

    /// A source of a rule.
    #[must_use]
    pub const fn source(&self, sources: List, at: usize) -> Source {
        let (numbers, at) = (self.numbers, sources.at + at * SOURCE);
        Source {
            text: place(numbers[at]),
            shown: place(numbers[at + 1]),
            lines: list(numbers[at + 2]),
            is_ascii: numbers[at + 3] == 1,
        }
    }

    /// A line of a source.
    #[must_use]
    pub const fn line(&self, lines: List, at: usize) -> Line {
        let (numbers, at) = (self.numbers, lines.at + at * LINE);
        Line {
            start: place(numbers[at]),
            shown_end: place(numbers[at + 1]),
            head: place(numbers[at + 2]),
        }
    }
}
