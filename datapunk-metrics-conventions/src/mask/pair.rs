//! `secret=value`, `secret: value`, `"secret": "value"`.

use super::scan::{run, run_back};
use super::{Found, Sensitive};
use crate::personal::{SECRETS, listed_word};
use crate::words::words;

/// Names of secrets in connection strings, beside those that labels must not have.
const ELSEWHERE: &[&str] = &["account_key"];

/// Shortest value behind a bare `:`, which prose, image tags and ports have as well: without a space before it, and with.
const LEAST_BEHIND_COLON: (usize, usize) = (8, 6);

/// Values that say whether there is a secret, not which.
const HARMLESS: &[&str] = &[
    "absent",
    "empty",
    "expired",
    "false",
    "hidden",
    "invalid",
    "masked",
    "missing",
    "nil",
    "no",
    "none",
    "null",
    "optional",
    "present",
    "redacted",
    "required",
    "true",
    "undefined",
    "unset",
    "valid",
    "yes",
    "0",
    "1",
];

/// Names whose value is the rest of the line.
const WHOLE_LINE: &[&str] = &[
    "authorization",
    "proxy_authorization",
    "cookie",
    "set_cookie",
];

pub(super) fn find(text: &str, found: &mut Vec<Found>) {
    let bytes = text.as_bytes();
    let mut floor = 0;
    for at in 0..bytes.len() {
        let (is_colon, behind) = match bytes[at] {
            b'=' => (false, at + 1),
            b':' => (true, at + 1),
            b'%' if bytes[at..].starts_with(b"%3D") || bytes[at..].starts_with(b"%3d") => {
                (false, at + 3)
            }
            _ => continue,
        };
        // Within the value of the pair before.
        if at < floor {
            continue;
        }
        let start = core::mem::replace(&mut floor, behind);
        let is_operator = match bytes.get(behind) {
            Some(b'=' | b':') => true,
            // A matcher of a query.
            Some(b'~') => matches!(bytes.get(behind + 1), Some(b'"' | b'\'')),
            _ => false,
        };
        if is_operator {
            continue;
        }
        let value = Value::at(bytes, behind);
        let shown = value.beginning(text);
        let is_bare = is_colon && value.quote.is_none();
        // Ports and the like are told by the value, which is quicker to look at than the name.
        if is_bare && !value.is_bare_credential(shown, behind) || !is_bare && is_placeholder(shown)
        {
            continue;
        }
        let name_end = run_back(bytes, start, at, |byte| {
            matches!(byte, b' ' | b'"' | b'\'' | b'\\')
        });
        let name_start = run_back(bytes, start, name_end, |byte| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.')
        });
        // In a URL within a URL, `?` is `%3F`.
        let is_escape = name_start > 0 && bytes[name_start - 1] == b'%';
        let name = text[name_start..name_end].get(if is_escape { 2 } else { 0 }..);
        let name = words(name.unwrap_or_default()).join("_");
        let Some(word) = listed_word(&name, SECRETS).or_else(|| listed_word(&name, ELSEWHERE))
        else {
            continue;
        };
        // In `registry/api-token:1.2`, a name is that of an image.
        let is_image = name_start > 0 && bytes[name_start - 1] == b'/' && value.start == behind;
        let is_last = name.ends_with(word) || name.ends_with(&format!("{word}s"));
        let is_secret = !is_bare || is_last && !is_image;
        if is_secret {
            let range = value.start..value.end(bytes, WHOLE_LINE.contains(&name.as_str()));
            floor = range.end;
            found.push(Found {
                what: Sensitive::Secret,
                range,
            });
        }
    }
}

/// A value and how it ends.
struct Value {
    start: usize,
    quote: Option<u8>,
    /// Whether the quotes are escaped, as they are in a quoted text.
    is_escaped: bool,
}

/// How much of a value is looked at to see what it is.
const BEGINNING: usize = 64;

impl Value {
    fn at(text: &[u8], behind: usize) -> Self {
        let start = run(text, behind, |byte| byte == b' ');
        let is_escaped = text.get(start) == Some(&b'\\');
        let quote = text.get(start + usize::from(is_escaped)).copied();
        match quote.filter(|byte| matches!(byte, b'"' | b'\'')) {
            Some(quote) => Self {
                start: start + usize::from(is_escaped) + 1,
                quote: Some(quote),
                is_escaped,
            },
            None => Self {
                start,
                quote: None,
                is_escaped: false,
            },
        }
    }

    /// Whether it is a secret by itself, as far as a `:` that ends before `behind` is concerned.
    fn is_bare_credential(&self, shown: &str, behind: usize) -> bool {
        let (close, spaced) = LEAST_BEHIND_COLON;
        if self.start > behind {
            is_credential(shown, spaced)
        } else {
            is_credential(shown, close) && !is_tag(shown)
        }
    }

    /// Its first characters, or all.
    fn beginning<'a>(&self, text: &'a str) -> &'a str {
        let window = &text[self.start..text.ceil_char_boundary(self.start + BEGINNING)];
        &window[..Self { start: 0, ..*self }.end(window.as_bytes(), false)]
    }

    fn end(&self, text: &[u8], is_line: bool) -> usize {
        let Some(quote) = self.quote else {
            return run(text, self.start, |byte| {
                if is_line {
                    !matches!(byte, b'\n' | b'\r' | b'"' | b'\'')
                } else {
                    !byte.is_ascii_whitespace() && !b"&;,\"')}]<>|".contains(&byte)
                }
            });
        };
        let mut end = self.start;
        while let Some(byte) = text.get(end) {
            match byte {
                b'\\' if self.is_escaped => break,
                b'\\' => end += 2,
                _ if *byte == quote => break,
                _ => end += 1,
            }
        }
        // An escape may have been followed by a character of several bytes.
        end = end.min(text.len());
        run(text, end, |byte| byte & 0xc0 == 0x80)
    }
}

/// Whether a value is no word: it has letters and digits, or signs that words have not.
fn is_credential(value: &str, least: usize) -> bool {
    let is_mixed = value.bytes().any(|byte| byte.is_ascii_digit())
        && value.bytes().any(|byte| byte.is_ascii_alphabetic());
    let has_signs = value.bytes().any(|byte| b"!#$%^&*+=~@".contains(&byte));
    value.len() >= least && (is_mixed || has_signs) && !is_placeholder(value)
}

/// Whether a value may be the tag of an image: a version, or the hash of a commit.
fn is_tag(value: &str) -> bool {
    let number = value.strip_prefix('v').unwrap_or(value);
    let digits = number.bytes().take_while(u8::is_ascii_digit).count();
    let is_version = digits > 0 && number[digits..].starts_with('.');
    let is_hash = matches!(value.len(), 7..=12 | 40 | 64)
        && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_version || is_hash
}

/// Whether a value is what documentation and templates write for one.
fn is_placeholder(value: &str) -> bool {
    let is_wrapped = value.starts_with(['{', '<', '[', '('])
        || value.starts_with("${")
        || value.starts_with("$(");
    let is_blank = value
        .chars()
        .all(|character| matches!(character, '*' | 'x' | 'X' | '.' | '-' | '…'));
    let is_format = matches!(value, "%s" | "%v" | "%d" | "%q" | "?");
    is_wrapped
        || is_blank
        || is_format
        || HARMLESS.iter().any(|word| value.eq_ignore_ascii_case(word))
}
