//! What is printed, in colours on a terminal only.

use std::fmt::Write as _;
use std::io::{self, IsTerminal, Write as _};

use serde::Serialize;

use super::Outcome;

/// One line on standard error.
pub(super) fn error(message: &str) {
    let red = paint(io::stderr().is_terminal(), RED, "error");
    // There is nobody left to tell.
    let _ = writeln!(io::stderr(), "{red}: {message}");
}

/// Text on standard output. A reader that is gone does not want the rest.
pub(super) fn print(text: &str) {
    let _ = io::stdout().write_all(text.as_bytes());
}

/// One thing that was found: the word that it begins with, and the text behind a colon.
pub(super) trait Finding: Serialize {
    /// Whether it is one to act upon.
    fn is_bad(&self) -> bool {
        true
    }
    /// The text, several lines perhaps.
    fn text(&self) -> String;
}

/// Prints findings, or `none` if there are none, and tells whether some are bad.
pub(super) fn findings(found: &[impl Finding], as_json: bool, none: &str) -> Outcome {
    if as_json {
        print(&crate::artifacts::json(&found));
    } else if found.is_empty() {
        print(&format!("{none}\n"));
    } else {
        let is_terminal = io::stdout().is_terminal();
        for finding in found {
            let text = finding.text();
            let colour = if finding.is_bad() { RED } else { GREEN };
            let text = match text.split_once(": ") {
                Some((word, rest)) => format!("{}: {rest}\n", paint(is_terminal, colour, word)),
                None => format!("{text}\n"),
            };
            print(&text);
        }
    }
    if found.iter().any(Finding::is_bad) {
        Outcome::Findings
    } else {
        Outcome::Fine
    }
}

const RED: &str = "31";
const GREEN: &str = "32";
const BOLD: &str = "1";

fn paint(is_terminal: bool, colour: &str, word: &str) -> String {
    // https://no-color.org
    if is_terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty()) {
        format!("\x1b[{colour}m{word}\x1b[0m")
    } else {
        word.to_owned()
    }
}

/// A table with columns as wide as they need to be, its head first.
pub(super) fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let is_terminal = io::stdout().is_terminal();
    let mut text = String::new();
    for (at, row) in rows.iter().enumerate() {
        let mut line = String::new();
        for (cell, width) in row.iter().zip(&widths) {
            // A text takes everything that is written to it.
            let _ = write!(line, "{cell:width$}  ");
        }
        let line = line.trim_end();
        if at == 0 {
            text.push_str(&paint(is_terminal, BOLD, line));
        } else {
            text.push_str(line);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [["name", "kind"], ["a", "counter"], ["größe", "gauge"]];
        let rows = rows.map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(table(&rows), "name   kind\na      counter\ngröße  gauge\n");
    }
}
