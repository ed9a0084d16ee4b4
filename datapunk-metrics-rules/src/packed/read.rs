//! Reads what a file is packed as.

// A call takes a constant as long as some steps, so that numbers are cast where they are read.
#![expect(
    clippy::cast_possible_truncation,
    reason = "places fit a `usize`, or there would be no such slice"
)]

use super::layout::{
    BEHAVIOURS, COMPARISONS, DIFFERENCE, KEEPS, LABEL_WORD, LINE, MANY, MATCH_OPERATORS, MATCHER,
    NAME, NO_WORD, NODE, OPERATORS, PATTERN, PROBLEM, RULE, SOURCE, tag,
};
use super::{
    Automaton, Expression, File, Form, Label, Line, List, Matcher, MetricName, Node, Pattern,
    Problem, Rule, Source, Text,
};
use crate::facts::{Grouping, RuleKind, Word};

const fn list(number: u64) -> List {
    List {
        at: (number >> 32) as usize,
        length: (number & 0xffff_ffff) as usize,
    }
}

/// A place and 1, or 0 for none.
const fn optional(number: u64) -> Option<usize> {
    if number == 0 {
        None
    } else {
        Some((number - 1) as usize)
    }
}

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
            let rule = optional(self.numbers[slots.at + slot as usize]);
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
            name: numbers[at + 1] as usize,
            hash: numbers[at + 2],
            head: numbers[at + 3] as usize,
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
        self.numbers[list.at + at] as usize
    }

    /// The name of a label of a rule.
    #[must_use]
    pub const fn name(&self, names: List, label: Label) -> &'a str {
        self.texts[self.numbers[names.at + label * NAME] as usize]
    }

    /// The hash of the name of a label of a rule.
    #[must_use]
    pub const fn name_hash(&self, names: List, label: Label) -> u64 {
        self.numbers[names.at + label * NAME + 1]
    }

    /// A label of those that have words.
    #[must_use]
    pub const fn label(&self, list: List, at: usize) -> Label {
        self.numbers[list.at + at * LABEL_WORD] as usize
    }

    /// A label with its word.
    #[must_use]
    pub const fn label_word(&self, list: List, at: usize) -> (Label, Word) {
        let at = list.at + at * LABEL_WORD;
        (self.numbers[at] as usize, word(self.numbers[at + 1]))
    }

    /// A label whose matchers differ between two sides, and whether both sides have one.
    #[must_use]
    pub const fn difference(&self, list: List, at: usize) -> (Label, bool) {
        let at = list.at + at * DIFFERENCE;
        (self.numbers[at] as usize, self.numbers[at + 1] == 1)
    }

    /// A node of a rule.
    #[must_use]
    pub const fn node(&self, nodes: List, at: Expression) -> Node {
        let (numbers, at) = (self.numbers, nodes.at + at * NODE);
        Node {
            word: word(numbers[at + 1]),
            form: form(numbers, at),
        }
    }

    /// The word of a node.
    #[must_use]
    pub const fn word(&self, nodes: List, at: Expression) -> Word {
        word(self.numbers[nodes.at + at * NODE + 1])
    }

    /// The metric of a selector.
    #[must_use]
    pub const fn metric_name(&self, at: usize) -> MetricName<'a> {
        let numbers = self.numbers;
        MetricName {
            name: self.text(numbers[at] as usize),
            hash: numbers[at + 1],
            stem: numbers[at + 2] as usize,
            stem_hash: numbers[at + 3],
            likeness: (numbers[at + 4], numbers[at + 5]),
            stem_likeness: (numbers[at + 6], numbers[at + 7]),
        }
    }

    /// A matcher of a selector.
    #[must_use]
    pub const fn matcher(&self, matchers: List, at: usize) -> Matcher {
        let (numbers, at) = (self.numbers, matchers.at + at * MATCHER);
        Matcher {
            label: numbers[at] as usize,
            label_word: word(numbers[at + 1]),
            operator: COMPARISONS[numbers[at + 2] as usize],
            value: numbers[at + 3] as usize,
            word: word(numbers[at + 4]),
            number: f64::from_bits(numbers[at + 5]),
            patterns: list(numbers[at + 6]),
        }
    }

    /// An alternative of a matcher's regular expression.
    #[must_use]
    pub const fn pattern(&self, patterns: List, at: usize) -> Pattern {
        let (numbers, at) = (self.numbers, patterns.at + at * PATTERN);
        let width = (numbers[at + 4] & 0xffff) as usize;
        let states = (numbers[at + 4] >> 16) as usize;
        Pattern {
            text: numbers[at] as usize,
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
            head: numbers[at] as usize,
            word: if numbers[at + 1] == NO_WORD {
                None
            } else {
                Some(word(numbers[at + 1]))
            },
            fact: numbers[at + 2] as usize,
            note: numbers[at + 3] as usize,
            help: numbers[at + 4] as usize,
        }
    }

    /// A source of a rule.
    #[must_use]
    pub const fn source(&self, sources: List, at: usize) -> Source {
        let (numbers, at) = (self.numbers, sources.at + at * SOURCE);
        Source {
            text: numbers[at] as usize,
            shown: numbers[at + 1] as usize,
            lines: list(numbers[at + 2]),
            is_ascii: numbers[at + 3] == 1,
        }
    }

    /// Where a line of a source begins in its text.
    #[must_use]
    pub const fn line_start(&self, lines: List, at: usize) -> usize {
        self.numbers[lines.at + at * LINE] as usize
    }

    /// A line of a source.
    #[must_use]
    pub const fn line(&self, lines: List, at: usize) -> Line {
        let (numbers, at) = (self.numbers, lines.at + at * LINE);
        Line {
            start: numbers[at] as usize,
            shown_end: numbers[at + 1] as usize,
            head: numbers[at + 2] as usize,
        }
    }
}

/// What the node at a place does. Each step of it counts, since it is asked for every node of every rule.
const fn form(numbers: &[u64], at: usize) -> Form {
    let head = numbers[at];
    let (first, second) = (numbers[at + 2], numbers[at + 3]);
    match head & 0xff {
        tag::NUMBER => Form::Number(f64::from_bits(first)),
        tag::TEXT => Form::Text,
        tag::SCALAR => Form::Scalar(list(first)),
        tag::VECTOR => Form::Vector(list(first)),
        tag::SELECTOR => Form::Selector {
            metric: optional(first),
            matchers: list(second),
        },
        tag::CALL => Form::Call {
            behaviour: BEHAVIOURS[(head >> 8) as usize],
            argument: first as usize,
            others: list(second),
            function: numbers[at + 4] as usize,
        },
        tag::QUANTILE => Form::Quantile {
            argument: first as usize,
            others: list(second),
        },
        tag::ABSENT => Form::Absent {
            argument: first as usize,
            labels: list(second),
        },
        tag::RELABEL => Form::Relabel {
            argument: first as usize,
            reads: list(second),
            writes: numbers[at + 4] as usize,
        },
        tag::AGGREGATE => Form::Aggregate {
            keeps: KEEPS[(head >> 8 & 0xff) as usize],
            grouping: if head >> 16 == 0 {
                Grouping::By
            } else {
                Grouping::Without
            },
            argument: first as usize,
            others: list(second),
            labels: list(numbers[at + 4]),
            writes: optional(numbers[at + 5]),
        },
        tag::BINARY => Form::Binary {
            operator: OPERATORS[(head >> 8 & 0xff) as usize],
            matching: MATCH_OPERATORS[(head >> 16 & 0xff) as usize],
            many: MANY[(head >> 24 & 0xff) as usize],
            left: (first >> 32) as usize,
            right: (first & 0xffff_ffff) as usize,
            labels: list(second),
            includes: list(numbers[at + 4]),
            differences: if head >> 32 == 0 {
                None
            } else {
                Some(list(numbers[at + 5]))
            },
        },
        _ => Form::Opaque(list(first)),
    }
}
