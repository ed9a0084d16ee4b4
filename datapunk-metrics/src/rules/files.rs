//! Rule files of a constant.

use super::report::Report;
use super::writer::put;
use crate::decimal::Decimal;

/// Room for one error.
const ROOM: usize = 1 << 17;

/// The most of it that mistakes take: how many more there are fits behind them.
const MOST_SHOWN: usize = ROOM - 64;

/// The rule files of an `include_rules!`, each of which fits the metrics.
#[derive(Clone, Copy, Debug)]
pub struct RuleFiles {
    files: &'static [RuleFile],
}

impl RuleFiles {
    /// No files.
    pub const NONE: Self = Self { files: &[] };

    #[doc(hidden)]
    #[must_use]
    pub const fn new(files: &'static [RuleFile]) -> Self {
        Self { files }
    }

    /// The files in the order in which they were named.
    #[must_use]
    pub const fn files(&self) -> &'static [RuleFile] {
        self.files
    }
}

/// A rule file that fits the metrics.
#[derive(Clone, Copy, Debug)]
pub struct RuleFile {
    #[doc(hidden)]
    pub path: &'static str,
    #[doc(hidden)]
    pub text: &'static str,
    #[doc(hidden)]
    pub notes: &'static [u8],
}

impl RuleFile {
    /// The path, as it is written in `include_rules!`.
    #[must_use]
    pub const fn path(&self) -> &'static str {
        self.path
    }

    /// What is in the file.
    #[must_use]
    pub const fn text(&self) -> &'static str {
        self.text
    }

    /// What could not be checked, such as values of labels that are open.
    pub fn notes(&self) -> impl Iterator<Item = &'static str> {
        // Whole texts were put together.
        core::str::from_utf8(self.notes).unwrap_or_default().lines()
    }
}

/// How long the notes of some rules are together, a line each.
#[must_use]
pub const fn notes_length(reports: &[&Report]) -> usize {
    let mut length = 0;
    let mut at = 0;
    while at < reports.len() {
        let notes = reports[at].notes_as_bytes();
        if !notes.is_empty() {
            length += notes.len() + 1;
        }
        at += 1;
    }
    length
}

/// The notes of some rules, as long as [`notes_length`] says: what a program keeps of its reports.
#[must_use]
pub const fn notes<const LENGTH: usize>(reports: &[&Report]) -> [u8; LENGTH] {
    let mut lines = [b'\n'; LENGTH];
    let mut length = 0;
    let mut at = 0;
    while at < reports.len() {
        let notes = reports[at].notes_as_bytes();
        if !notes.is_empty() {
            let (_, rest) = lines.split_at_mut(length);
            let (place, _) = rest.split_at_mut(notes.len());
            place.copy_from_slice(notes);
            length += notes.len() + 1;
        }
        at += 1;
    }
    lines
}

/// Ends the compilation if something is wrong, with all of it.
///
/// # Panics
///
/// If something is wrong.
#[track_caller]
#[expect(clippy::large_stack_arrays, reason = "it is in a constant")]
pub const fn fail_if_any(reports: &[&Report]) {
    let mut count = 0;
    let mut at = 0;
    while at < reports.len() {
        count += reports[at].count();
        at += 1;
    }
    if count == 0 {
        return;
    }
    let mut message = [0; ROOM];
    let (mut length, mut shown) = (0, 0);
    at = 0;
    while at < reports.len() {
        let report = reports[at];
        let mistakes = report.mistakes_as_bytes();
        if length + mistakes.len() > MOST_SHOWN {
            break;
        }
        if report.count() > 0 {
            if length > 0 {
                put(&mut message, length, b"\n\n");
                length += 2;
            }
            put(&mut message, length, mistakes);
            length += mistakes.len();
            shown += report.count() - report.left_out();
        }
        at += 1;
    }
    if shown < count {
        let more = Decimal::integer((count - shown) as u64);
        put(&mut message, length, b"\n\nand ");
        put(&mut message, length + 6, more.bytes());
        put(&mut message, length + 6 + more.bytes().len(), b" more");
        length += 6 + more.bytes().len() + 5;
    }
    let (message, _) = message.split_at(length);
    match core::str::from_utf8(message) {
        Ok(message) => panic!("{}", message),
        Err(_) => panic!("a message is cut within a character"),
    }
}
