//! Rule files of a constant.

use super::report::Report;
use super::writer::Writer;

/// The most that one error shows.
const ROOM: usize = 1 << 17;

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
    let mut message = Writer::<ROOM>::new();
    let mut shown = 0;
    at = 0;
    while at < reports.len() {
        let report = reports[at];
        let before = message.length();
        if report.count() > 0 {
            if before > 0 {
                message.text("\n\n");
            }
            message.bytes(report.mistakes_as_bytes());
            if message.is_full() {
                message.cut(before);
                break;
            }
            shown += report.count() - report.left_out();
        }
        at += 1;
    }
    if shown < count {
        // Room for this is there in any case but the unlikely one, where the count is what is lost.
        message
            .text("\n\nand ")
            .number((count - shown) as u64)
            .text(" more");
    }
    panic!("{}", message.as_str())
}
