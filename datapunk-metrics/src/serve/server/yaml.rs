//! YAML of the two configuration files, read strictly and refused in one line that holds no value of theirs.

use std::time::Duration;

use serde::de::DeserializeOwned;
use serde_saphyr::{SnippetMode, UserMessageFormatter, render_options};

/// Reads a file's text; an empty one is a file without keys.
pub(super) fn read<T: DeserializeOwned + Default>(text: &str) -> Result<T, String> {
    let is_empty = text
        .lines()
        .map(str::trim)
        .all(|line| line.is_empty() || line.starts_with('#') || line == "---");
    if is_empty {
        return Ok(T::default());
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let options = render_options! {
            formatter: &UserMessageFormatter,
            snippets: SnippetMode::Off,
        };
        one_line(&error.render_with_options(options))
    })
}

/// The first line of an error without what it quotes: a value may be a secret in the wrong place.
fn one_line(error: &str) -> String {
    let line = error.lines().next().unwrap_or_default();
    let mut parts = line.split('"');
    let mut text = parts.next().unwrap_or_default().to_owned();
    while parts.next().is_some() {
        text.push('…');
        text.push_str(parts.next().unwrap_or_default());
    }
    text
}

/// A duration as Go writes it: `1s`, `1m30s`, `1.5h`, `250ms`, `0`.
pub(super) fn duration(text: &str) -> Option<Duration> {
    if text == "0" {
        return Some(Duration::ZERO);
    }
    let mut total = Duration::ZERO;
    let mut rest = text;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, behind) = rest.split_at(digits);
        let letters = behind
            .find(|c: char| c.is_ascii_digit() || c == '.')
            .unwrap_or(behind.len());
        let (unit, next) = behind.split_at(letters);
        let seconds = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        let part = number.parse::<f64>().ok()? * seconds;
        total = total.checked_add(Duration::try_from_secs_f64(part).ok()?)?;
        rest = next;
    }
    (!text.is_empty()).then_some(total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, expected) in [
            ("1s", Some(1.0)),
            ("250ms", Some(0.25)),
            ("1m30s", Some(90.0)),
            ("1.5h", Some(5400.0)),
            ("0", Some(0.0)),
            ("0s", Some(0.0)),
            ("10us", Some(1e-5)),
            ("", None),
            ("1", None),
            ("s", None),
            ("-1s", None),
            ("1 s", None),
            ("1d", None),
            ("1.2.3s", None),
            ("99999999999999999999999h", None),
        ] {
            assert_eq!(
                duration(text),
                expected.map(Duration::from_secs_f64),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_quoted_is_left_out() {
        assert_eq!(
            one_line(
                "invalid type: string \"hunter2\", expected a map at line 1\nbasic: \"hunter2\""
            ),
            "invalid type: string …, expected a map at line 1"
        );
        assert_eq!(one_line("unclosed \"hunter2"), "unclosed …");
    }
}
