//! The words of an expression, found in the order of its syntax tree.

use crate::facts::{LabelWord, Word};
use crate::scan::{Token, TokenKind, tokens};

/// The tokens of an expression, read from left to right as the tree is walked.
pub(crate) struct Words<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    at: usize,
    source: u16,
}

impl<'a> Words<'a> {
    pub(crate) fn new(text: &'a str, source: u16) -> Self {
        Self {
            text,
            tokens: tokens(text),
            at: 0,
            source,
        }
    }

    /// The next token that fits; the whole expression if there is none, since this is for messages alone.
    fn find(&mut self, fits: impl Fn(TokenKind, &str) -> bool) -> Word {
        let rest = &self.tokens[self.at.min(self.tokens.len())..];
        let found = rest
            .iter()
            .position(|token| fits(token.kind, &self.text[token.start..token.end]));
        match found {
            Some(found) => {
                let token = rest[found];
                self.at += found + 1;
                self.word(token.start, token.end)
            }
            None => self.whole(),
        }
    }

    fn word(&self, start: usize, end: usize) -> Word {
        let number = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        Word {
            source: self.source,
            start: number(start),
            length: number(end - start),
        }
    }

    pub(crate) fn whole(&self) -> Word {
        let trimmed = self.text.trim_end().len();
        self.word(self.text.len() - self.text.trim_start().len(), trimmed)
    }

    /// The token that was read last.
    pub(crate) fn before(&self) -> Word {
        match self.at.checked_sub(1).and_then(|at| self.tokens.get(at)) {
            Some(token) => self.word(token.start, token.end),
            None => self.whole(),
        }
    }

    pub(crate) fn any(&mut self, kind: TokenKind) -> Word {
        self.find(|found, _| found == kind)
    }

    pub(crate) fn symbol(&mut self, symbol: &str) -> Word {
        self.find(|kind, text| kind == TokenKind::Symbol && text == symbol)
    }

    /// A name, which may be quoted.
    pub(crate) fn name(&mut self, name: &str) -> Word {
        self.find(|kind, text| match kind {
            TokenKind::Name => text.eq_ignore_ascii_case(name),
            TokenKind::Text => unquoted(text) == name,
            _ => false,
        })
    }

    pub(crate) fn string(&mut self, value: &str) -> Word {
        self.find(|kind, text| {
            kind == TokenKind::Text
                && promql_parser::util::unquote_string(text).is_ok_and(|it| it == value)
        })
    }

    pub(crate) fn number(&mut self) -> Word {
        self.find(|kind, text| {
            kind == TokenKind::Number
                || kind == TokenKind::Name
                    && (text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("nan"))
        })
    }

    pub(crate) fn labels(&mut self, labels: &[String]) -> Vec<LabelWord> {
        labels
            .iter()
            .map(|label| LabelWord {
                name: label.clone(),
                word: self.name(label),
            })
            .collect()
    }

    pub(crate) fn next_is(&self, names: &[&str]) -> bool {
        self.tokens.get(self.at).is_some_and(|token| {
            let text = &self.text[token.start..token.end];
            names.iter().any(|name| text.eq_ignore_ascii_case(name))
        })
    }

    /// A part of a string's value, if the string is written as it is meant.
    pub(crate) fn within(&self, word: Word, value: &str, range: core::ops::Range<usize>) -> Word {
        let start = word.start as usize;
        let written = &self.text[start..start + word.length as usize];
        if unquoted(written) == value {
            self.word(start + 1 + range.start, start + 1 + range.end)
        } else {
            word
        }
    }
}

/// The text between quotes, escapes as they are.
fn unquoted(text: &str) -> &str {
    text.get(1..text.len().saturating_sub(1))
        .unwrap_or_default()
}
