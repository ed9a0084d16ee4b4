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
    if !source.is_block {
        return source.line;
    }
    let bytes = text(&source.text).as_bytes();
    let mut line = source.line;
    let mut at = 0;
    while at < word.start as usize {
        if bytes[at] == b'\n' {
            line += 1;
        }
        at += 1;
    }
    line
}

/// The expression with a caret under each letter of the word.
pub(super) const fn show<const N: usize>(out: &mut Writer<N>, rule: &RuleFacts, word: &Word) {
    let source: &Source = &list(&rule.sources)[word.source as usize];
    let bytes = text(&source.text).as_bytes();
    let (first, last) = (word.start as usize, (word.start + word.length) as usize);
    let shows_all = count_lines(bytes) <= LINES_SHOWN;
    let mut start = 0;
    while start < bytes.len() {
        let mut end = start;
        while end < bytes.len() && bytes[end] != b'\n' {
            end += 1;
        }
        let has_word = start <= first && first < end;
        if (shows_all || has_word) && end > start {
            let (_, rest) = bytes.split_at(start);
            let (line, _) = rest.split_at(end - start);
            out.text("\n    ").bytes(line);
        }
        if has_word {
            let until = if last < end { last } else { end };
            out.text("\n    ")
                .times(SPACES, characters(bytes, start, first))
                .times(CARETS, characters(bytes, first, until));
        }
        start = end + 1;
    }
}

const fn count_lines(bytes: &[u8]) -> usize {
    let mut lines = 1;
    let mut at = 0;
    while at + 1 < bytes.len() {
        if bytes[at] == b'\n' {
            lines += 1;
        }
        at += 1;
    }
    lines
}

const fn characters(bytes: &[u8], from: usize, to: usize) -> usize {
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
