//! The parts of a template: where actions and strings end, and what is in an action.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// A keyword, a function or a constant.
    Name,
    /// `$x`, with its fields.
    Variable,
    /// `.x`, with its fields.
    Field,
    Text,
    Number,
    Symbol,
}

/// Where the `}}` of an action is.
pub(super) fn end_of_action(
    text: &str,
    start: usize,
) -> Result<usize, (&'static str, &'static str)> {
    let bytes = text.as_bytes();
    let inner = text[start..].trim_start_matches('-').trim_start();
    if inner.starts_with("/*") {
        let comment = text[start..].find("*/").map(|found| start + found + 2);
        let close = comment.and_then(|from| text[from..].find("}}").map(|found| from + found));
        return close.ok_or(("a comment of the template does not end", "add `*/}}`"));
    }
    let mut at = start;
    while at < bytes.len() {
        match bytes[at] {
            quote @ (b'"' | b'`' | b'\'') => {
                let end = end_of_string(bytes, at, quote).ok_or((
                    "a string of the template does not end",
                    "add the quote that closes it",
                ))?;
                at = end;
            }
            b'}' if bytes[at..].starts_with(b"}}") => return Ok(at),
            b'{' if bytes[at..].starts_with(b"{{") => break,
            _ => at += 1,
        }
    }
    Err(("an action of the template does not end", "add `}}`"))
}

/// Behind the string that begins at `start`.
fn end_of_string(bytes: &[u8], start: usize, quote: u8) -> Option<usize> {
    let mut at = start + 1;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quote != b'`' => at += 1,
            byte if byte == quote => return Some(at + 1),
            b'\n' if quote != b'`' => return None,
            _ => {}
        }
        at += 1;
    }
    None
}

/// The parts of an action between its braces.
pub(super) fn parts(text: &str, start: usize, end: usize) -> Vec<(Part, usize, usize)> {
    let bytes = text.as_bytes();
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    let mut parts = Vec::new();
    let mut at = start;
    while at < end {
        let from = at;
        let part = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            // `{{-` and `-}}` trim spaces.
            b'-' if at == start || at + 1 == end => {
                at += 1;
                continue;
            }
            quote @ (b'"' | b'`' | b'\'') => {
                at = end_of_string(bytes, at, quote).unwrap_or(end).min(end);
                Part::Text
            }
            b'$' | b'.'
                if bytes[at] == b'$' || !bytes.get(at + 1).is_some_and(u8::is_ascii_digit) =>
            {
                at += 1;
                while at < end && (is_word(bytes[at]) || bytes[at] == b'.') {
                    at += 1;
                }
                if bytes[from] == b'$' {
                    Part::Variable
                } else {
                    Part::Field
                }
            }
            byte if byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+') => {
                at += 1;
                while at < end && (is_word(bytes[at]) || bytes[at] == b'.') {
                    at += 1;
                }
                Part::Number
            }
            byte if is_word(byte) => {
                while at < end && is_word(bytes[at]) {
                    at += 1;
                }
                Part::Name
            }
            b':' if bytes[at..end].starts_with(b":=") => {
                at += 2;
                Part::Symbol
            }
            _ => {
                at += 1;
                Part::Symbol
            }
        };
        parts.push((part, from, at));
    }
    parts
}
