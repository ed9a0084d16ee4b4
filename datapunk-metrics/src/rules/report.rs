//! What is said of a rule, put together in constant code.

use datapunk_metrics_rules::{Problem, RuleFacts, RuleKind, Source, Word, list, text};

use super::writer::{CARETS, SPACES, Writer};

/// Room for the mistakes of one rule.
const ROOM: usize = 6144;

/// Room for what was not checked in one rule.
const ROOM_OF_NOTES: usize = 2048;

/// The most lines of an expression that are shown whole.
const LINES_SHOWN: usize = 8;

/// What is said of one rule.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    mistakes: Writer<ROOM>,
    notes: Writer<ROOM_OF_NOTES>,
    /// How many mistakes there are, with those that there was no room for.
    count: usize,
    left_out: usize,
    began_at: usize,
}

impl Report {
    pub(super) const fn new() -> Self {
        Self {
            mistakes: Writer::new(),
            notes: Writer::new(),
            count: 0,
            left_out: 0,
            began_at: 0,
        }
    }

    /// The mistakes, one after the other; empty if there are none.
    #[must_use]
    pub const fn mistakes(&self) -> &str {
        self.mistakes.as_str()
    }

    pub(super) const fn mistakes_as_bytes(&self) -> &[u8] {
        self.mistakes.as_bytes()
    }

    /// What could not be checked, a line each.
    #[must_use]
    pub const fn notes(&self) -> &str {
        self.notes.as_str()
    }

    pub(super) const fn notes_as_bytes(&self) -> &[u8] {
        self.notes.as_bytes()
    }

    /// How many mistakes there are.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.count
    }

    /// How many of them there was no room for.
    pub(super) const fn left_out(&self) -> usize {
        self.left_out
    }

    /// `rules/alerts.yml:12: alert `X`: `, to which the caller adds what is wrong.
    pub(super) const fn begin(
        &mut self,
        path: &str,
        rule: &RuleFacts,
        line: u32,
    ) -> &mut Writer<ROOM> {
        self.began_at = self.mistakes.length();
        if self.began_at > 0 {
            self.mistakes.text("\n\n");
        }
        head(&mut self.mistakes, path, rule, line);
        &mut self.mistakes
    }

    pub(super) const fn writer(&mut self) -> &mut Writer<ROOM> {
        &mut self.mistakes
    }

    /// The end of what was begun: it is whole, or counted as left out.
    pub(super) const fn end(&mut self) {
        self.count += 1;
        if self.mistakes.is_full() {
            self.mistakes.cut(self.began_at);
            self.left_out += 1;
        }
    }

    pub(super) const fn begin_note(
        &mut self,
        path: &str,
        rule: &RuleFacts,
        line: u32,
    ) -> &mut Writer<ROOM_OF_NOTES> {
        if self.notes.length() > 0 {
            self.notes.text("\n");
        }
        head(&mut self.notes, path, rule, line);
        &mut self.notes
    }

    /// A mistake that was found before.
    pub(super) const fn problem(&mut self, path: &str, rule: &RuleFacts, problem: &Problem) {
        let line = match &problem.word {
            Some(word) => line_of(rule, word),
            None => problem.line,
        };
        self.begin(path, rule, line).text(text(&problem.fact));
        if let Some(word) = &problem.word {
            show(self.writer(), rule, word);
        }
        paragraph(self.writer(), "\nnote: ", text(&problem.note));
        paragraph(self.writer(), "\nhelp: ", text(&problem.help));
        self.end();
    }

    /// A mistake that belongs to no rule.
    pub(super) const fn problem_of_file(&mut self, path: &str, problem: &Problem) {
        self.began_at = self.mistakes.length();
        if self.began_at > 0 {
            self.mistakes.text("\n\n");
        }
        self.mistakes
            .text(path)
            .text(":")
            .number(problem.line as u64)
            .text(": ")
            .text(text(&problem.fact));
        paragraph(self.writer(), "\nnote: ", text(&problem.note));
        paragraph(self.writer(), "\nhelp: ", text(&problem.help));
        self.end();
    }
}

const fn paragraph<const N: usize>(out: &mut Writer<N>, word: &str, text: &str) {
    if !text.is_empty() {
        out.text(word).text(text);
    }
}

const fn head<const N: usize>(out: &mut Writer<N>, path: &str, rule: &RuleFacts, line: u32) {
    out.text(path)
        .text(":")
        .number(line as u64)
        .text(match rule.kind {
            RuleKind::Alert => ": alert ",
            RuleKind::Record => ": recording rule ",
        })
        .name(text(&rule.name))
        .text(": ");
}

/// The line of the file that a word is in.
pub(super) const fn line_of(rule: &RuleFacts, word: &Word) -> u32 {
    let source = &list(&rule.sources)[word.source as usize];
    let lines = list(&source.lines);
    let mut line = 1;
    let mut number = source.line;
    while source.is_block && line < lines.len() && lines[line].start <= word.start {
        line += 1;
        number += 1;
    }
    number
}

/// The line of its text that a word is in.
const fn line_within(source: &Source, word: &Word) -> usize {
    let lines = list(&source.lines);
    let mut line = 0;
    while line + 1 < lines.len() && lines[line + 1].start <= word.start {
        line += 1;
    }
    line
}

/// The expression with a caret under each letter of the word.
pub(super) const fn show<const N: usize>(out: &mut Writer<N>, rule: &RuleFacts, word: &Word) {
    let source: &Source = &list(&rule.sources)[word.source as usize];
    let lines = list(&source.lines);
    if lines.is_empty() {
        return;
    }
    let line = line_within(source, word);
    let (before, after) = text(&source.shown)
        .as_bytes()
        .split_at(lines[line].shown_end as usize);
    let shows_all = lines.len() <= LINES_SHOWN;
    if shows_all || line == 0 {
        out.bytes(before);
    } else {
        let (_, before) = before.split_at(lines[line - 1].shown_end as usize);
        out.bytes(before);
    }
    let (start, first) = (lines[line].start as usize, word.start as usize);
    let until = if line + 1 < lines.len() && word.start + word.length >= lines[line + 1].start {
        lines[line + 1].start as usize - 1
    } else {
        first + word.length as usize
    };
    out.text("\n    ")
        .times(SPACES, characters(source, start, first))
        .times(CARETS, characters(source, first, until));
    if shows_all {
        out.bytes(after);
    }
}

const fn characters(source: &Source, from: usize, to: usize) -> usize {
    if source.is_ascii {
        return to - from;
    }
    let bytes = text(&source.text).as_bytes();
    let mut count = 0;
    let mut at = from;
    while at < to {
        // All but the bytes that continue a character.
        if bytes[at] & 0xc0 != 0x80 {
            count += 1;
        }
        at += 1;
    }
    count
}
