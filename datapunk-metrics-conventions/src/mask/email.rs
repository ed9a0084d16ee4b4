//! E-mail addresses.

use super::scan::{is_word, run, run_back};
use super::{Found, Sensitive};

/// Last labels that are none of a host: endings of files (`logo@2x.png`) and of systemd's units (`getty@tty1.service`).
const NOT_HOSTS: &[&str] = &[
    "automount",
    "css",
    "device",
    "eot",
    "gif",
    "gz",
    "htm",
    "html",
    "ico",
    "jar",
    "jpeg",
    "jpg",
    "js",
    "json",
    "log",
    "mjs",
    "mount",
    "pdf",
    "png",
    "scope",
    "service",
    "slice",
    "socket",
    "svg",
    "swap",
    "tar",
    "target",
    "timer",
    "toml",
    "ttf",
    "txt",
    "wasm",
    "webp",
    "woff",
    "woff2",
    "xml",
    "yaml",
    "yml",
];

/// The user of every clone of a repository over SSH.
const GIT: &[u8] = b"git";

pub(super) fn find(text: &[u8], found: &mut Vec<Found>) {
    let mut floor = 0;
    for at in 0..text.len() {
        // `%40` in the path of a URL.
        let behind = match text[at] {
            b'@' => at + 1,
            b'%' if text[at..].starts_with(b"%40") => at + 3,
            _ => continue,
        };
        let start = run_back(text, floor, at, is_local);
        floor = behind;
        let local = &text[start..at];
        if local.is_empty() || local == GIT || local.iter().all(|byte| !is_word(*byte)) {
            continue;
        }
        let mut end = run(text, behind, |byte| {
            is_word(byte) || matches!(byte, b'-' | b'.')
        });
        while end > behind && matches!(text[end - 1], b'.' | b'-') {
            end -= 1;
        }
        if is_host(&text[behind..end]) {
            found.push(Found {
                what: Sensitive::Email,
                range: start..end,
            });
        }
    }
}

fn is_local(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'.' | b'_' | b'%' | b'+' | b'-')
}

/// A name with a dot whose last label is of letters. A version (`left-pad@1.3.0-beta.a`) is none.
fn is_host(host: &[u8]) -> bool {
    let labels: Vec<&[u8]> = host.split(|byte| *byte == b'.').collect();
    let [first, second, ..] = labels[..] else {
        return false;
    };
    let last = labels[labels.len() - 1];
    let is_top = last.len() > 1
        && (last
            .iter()
            .all(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii())
            || last.starts_with(b"xn--"));
    let number = first.strip_prefix(b"v").unwrap_or(first);
    let is_version =
        number.iter().all(u8::is_ascii_digit) && second.first().is_some_and(u8::is_ascii_digit);
    let is_other = NOT_HOSTS
        .iter()
        .any(|ending| last.eq_ignore_ascii_case(ending.as_bytes()));
    is_top && !is_version && !is_other && labels.iter().all(|label| !label.is_empty())
}
