//! What is said of a rule, put together in constant code.

use datapunk_metrics_rules::Word;
use datapunk_metrics_rules::packed::{File, List, Problem};

use super::writer::{CARETS, SPACES, Writer};

/// The most lines of an expression that are shown whole.
const LINES_SHOWN: usize = 8;

/// What is said of one rule.
#[derive(Clone, Copy, Debug)]
pub struct Report {
    mistakes: Writer,
    notes: Writer,
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

    /// The beginning of a mistake, to which the caller adds what is wrong.
    pub(super) const fn begin(&mut self, head: &str) -> &mut Writer {
        self.began_at = self.mistakes.length();
        if self.began_at > 0 {
            self.mistakes.text("\n\n");
        }
        self.mistakes.text(head)
    }

    pub(super) const fn writer(&mut self) -> &mut Writer {
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

    /// The beginning of a note.
    pub(super) const fn begin_note(&mut self, head: &str) -> &mut Writer {
        if self.notes.length() > 0 {
            self.notes.text("\n");
        }
        self.notes.text(head)
    }

    /// A mistake that was found before.
    pub(super) const fn problem(&mut self, file: &File<'_>, sources: List, problem: &Problem) {
        let head = match &problem.word {
            Some(word) => head_of(file, sources, word),
            None => file.text(problem.head),
        };
        self.begin(head).text(file.text(problem.fact));
        if let Some(word) = &problem.word {
            show(self.writer(), file, sources, word);
        }
        paragraph(self.writer(), "\nnote: ", file.text(problem.note));
        paragraph(self.writer(), "\nhelp: ", file.text(problem.help));
        self.end();
    }
}

const fn paragraph(out: &mut Writer, word: &str, text: &str) {
    if !text.is_empty() {
        out.text(word).text(text);
    }
}

/// How a mistake begins: the file, the line that a word is in, and the rule.
pub(super) const fn head_of<'a>(file: &File<'a>, sources: List, word: &Word) -> &'a str {
    let source = file.source(sources, word.source as usize);
    let lines = source.lines;
    file.text(file.line(lines, line_within(file, lines, word)).head)
}

/// The line of its text that a word is in.
const fn line_within(file: &File<'_>, lines: List, word: &Word) -> usize {
    let mut line = 0;
    while line + 1 < lines.length && file.line_start(lines, line + 1) <= word.start as usize {
        line += 1;
    }
    line
}

/// The expression with a caret under each letter of the word.
pub(super) const fn show(out: &mut Writer, file: &File<'_>, sources: List, word: &Word) {
    let source = file.source(sources, word.source as usize);
    let (text, lines) = (file.text(source.text), source.lines);
    if text.is_empty() {
        return;
    }
    let line = line_within(file, lines, word);
    let (before, after) = file
        .text(source.shown)
        .as_bytes()
        .split_at(file.line(lines, line).shown_end);
    let shows_all = lines.length <= LINES_SHOWN;
    if shows_all || line == 0 {
        out.bytes(before);
    } else {
        let (_, before) = before.split_at(file.line(lines, line - 1).shown_end);
        out.bytes(before);
    }
    let (start, first) = (file.line_start(lines, line), word.start as usize);
    let mut until = first + word.length as usize;
    if line + 1 < lines.length && until >= file.line_start(lines, line + 1) {
        until = file.line_start(lines, line + 1) - 1;
    }
    let (indent, length) = if source.is_ascii {
        (first - start, until - first)
    } else {
        (
            characters(text, start, first),
            characters(text, first, until),
        )
    };
    out.text("\n    ")
        .times(SPACES, indent)
        .times(CARETS, length);
    if shows_all {
        out.bytes(after);
    }
}

const fn characters(text: &str, from: usize, to: usize) -> usize {
    let bytes = text.as_bytes();
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
