//! Credentials where protocols have them: before the host of a URL, and behind the scheme in a header.

use super::scan::{has_word, places, run, starts_word};
use super::{Found, Sensitive};

/// `scheme://user:password@host`: everything between `//` and `@`.
pub(super) fn find_in_urls(text: &[u8], found: &mut Vec<Found>) {
    for at in places(text, "://") {
        let start = at + 3;
        let end = run(text, start, |byte| {
            !matches!(byte, b'/' | b'?' | b'#' | b'"' | b'\'' | b'<' | b'>')
                && !byte.is_ascii_whitespace()
        });
        let authority = &text[start..end];
        let Some(length) = authority.iter().rposition(|byte| *byte == b'@') else {
            continue;
        };
        let Some(colon) = authority[..length].iter().position(|byte| *byte == b':') else {
            continue;
        };
        if colon + 1 < length {
            found.push(Found {
                what: Sensitive::UrlCredentials,
                range: start..start + length,
            });
        }
    }
}

/// Shortest token behind `Bearer`.
const LEAST_TOKEN: usize = 8;

/// `Bearer …` and `Basic …`.
pub(super) fn find_in_headers(text: &[u8], found: &mut Vec<Found>) {
    for (scheme, is_credential) in [
        ("bearer", is_token as fn(&[u8]) -> bool),
        ("basic", is_user_and_password),
    ] {
        for at in places(text, scheme) {
            let word = at + scheme.len();
            let gap = run(text, word, |byte| {
                byte.is_ascii_whitespace() || byte == b'+'
            });
            // `%20` and `+` are spaces in a URL.
            let start = if has_word(text, word, "%20") {
                word + 3
            } else {
                gap
            };
            let end = run(text, start, is_token_byte);
            if start > word && starts_word(text, at) && is_credential(&text[start..end]) {
                found.push(Found {
                    what: Sensitive::Credentials,
                    range: start..end,
                });
            }
        }
    }
}

/// What RFC 6750 allows in a token.
fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+' | b'/' | b'=')
}

/// A word of prose, such as in "bearer authentication", has neither digits nor upper-case letters within.
fn is_token(token: &[u8]) -> bool {
    let inner = token.get(1..).unwrap_or_default();
    token.len() >= LEAST_TOKEN
        && inner
            .iter()
            .any(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase() || *byte == b'=')
}

/// Base64 of a text with a colon in it.
fn is_user_and_password(token: &[u8]) -> bool {
    let unpadded = token.iter().take_while(|byte| **byte != b'=').count();
    let (digits, padding) = token.split_at(unpadded);
    let mut decoded = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in digits {
        let Some(value) = base64_digit(*digit) else {
            return false;
        };
        bits = (bits << 6 | value) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            decoded.push((bits >> count & 0xff) as u8);
        }
    }
    padding.iter().all(|byte| *byte == b'=')
        && decoded.contains(&b':')
        && std::str::from_utf8(&decoded).is_ok_and(|text| !text.chars().any(char::is_control))
}

fn base64_digit(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}
