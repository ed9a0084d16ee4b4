//! Secrets and personal data in a text: where they are, and the text without them.
//!
//! One file for each family of patterns. Every pattern is one that hardly anything else fits: identifiers, timestamps,
//! versions and the like pass as they are, which is why a number has to have its check digits, and a word the form of a
//! credential. Each scanner reads a text once from left to right, so that a long text costs no more than its length, and
//! only a text that has the signs of what it looks for: most have none.

mod credentials;
mod email;
mod iban;
mod key;
mod number;
mod pair;
mod scan;
mod signs;

use std::borrow::Cow;
use std::ops::Range;

use signs::Signs;

/// What stands in the place of a secret or of personal data.
///
/// A constant: a hash of personal data can be reversed by trying all that may have been hashed.
pub const REDACTED: &str = "[REDACTED]";

/// How long a secret of an organisation has to be behind its prefix.
pub const LEAST_BEHIND_PREFIX: usize = 8;

/// What was found in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sensitive {
    /// `jane@example.com`.
    Email,
    /// A JSON web token.
    Jwt,
    /// A private key in PEM armour.
    PrivateKey,
    /// What follows `Bearer` or `Basic`.
    Credentials,
    /// `user:password` in a URL.
    UrlCredentials,
    /// A key that says by its first characters whose it is.
    VendorKey,
    /// The value of `password=…` and the like.
    Secret,
    /// The number of a payment card.
    CardNumber,
    /// The number of a bank account.
    Iban,
    /// A US social security number.
    Ssn,
    /// A phone number with its country.
    PhoneNumber,
}

impl Sensitive {
    /// What it is, with an article: `an e-mail address`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Email => "an e-mail address",
            Self::Jwt => "a JSON web token",
            Self::PrivateKey => "a private key",
            Self::Credentials => "credentials",
            Self::UrlCredentials => "credentials in a URL",
            Self::VendorKey => "an access key",
            Self::Secret => "a secret",
            Self::CardNumber => "a card number",
            Self::Iban => "an IBAN",
            Self::Ssn => "a social security number",
            Self::PhoneNumber => "a phone number",
        }
    }
}

/// A part of a text that must not be kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub what: Sensitive,
    /// Where it is, in bytes, between characters.
    pub range: Range<usize>,
}

/// Every part of `text` that is a secret or personal data, from left to right.
///
/// `prefixes` are those of secrets that an organisation adds: a word that begins with one, followed by eight or more
/// letters, digits, `-` or `_`.
///
/// ```
/// use datapunk_metrics_conventions::{Sensitive, find_sensitive};
///
/// let found = find_sensitive("sent to jane@example.com", &[]);
/// assert_eq!((found[0].what, found[0].range.clone()), (Sensitive::Email, 8..24));
/// assert!(find_sensitive("nginx:1.25.3-alpine", &[]).is_empty());
/// ```
#[must_use]
pub fn find_sensitive(text: &str, prefixes: &[&str]) -> Vec<Found> {
    find(text, prefixes, &Signs::of(text))
}

fn find(text: &str, prefixes: &[&str], signs: &Signs) -> Vec<Found> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    if signs.has(Signs::ADDRESS) {
        credentials::find_in_urls(bytes, &mut found);
        // What lies before the host of a URL is no address, and the host is worth reading.
        let urls = found.clone();
        email::find(bytes, &mut found);
        found.retain(|one| {
            one.what != Sensitive::Email || !urls.iter().any(|url| overlap(one, url))
        });
    }
    if signs.has(Signs::SPACE) {
        credentials::find_in_headers(bytes, &mut found);
        key::find_armoured(bytes, &mut found);
    }
    if signs.is_long_enough_for_a_key() {
        key::find_tokens(bytes, &mut found);
        key::find_prefixed(bytes, prefixes, &mut found);
    }
    if signs.has(Signs::PAIR) {
        pair::find(text, &mut found);
    }
    if signs.has_digits_of_a_number() {
        number::find(bytes, &mut found);
        iban::find(bytes, &mut found);
    }
    joined(found)
}

/// `text` with [`REDACTED`] in the place of every secret and of all personal data.
///
/// `prefixes` are those of [`find_sensitive`].
///
/// ```
/// use datapunk_metrics_conventions::mask;
///
/// assert_eq!(mask("postgres://app:hunter2@db/orders", &[]), "postgres://[REDACTED]@db/orders");
/// assert_eq!(mask("/items/{id}", &[]), "/items/{id}");
/// ```
#[must_use]
pub fn mask<'a>(text: &'a str, prefixes: &[&str]) -> Cow<'a, str> {
    let found = find_sensitive(text, prefixes);
    if found.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut masked = String::with_capacity(text.len());
    let mut end = 0;
    for Found { range, .. } in found {
        masked.push_str(&text[end..range.start]);
        masked.push_str(REDACTED);
        end = range.end;
    }
    masked.push_str(&text[end..]);
    Cow::Owned(masked)
}

fn overlap(one: &Found, other: &Found) -> bool {
    one.range.start < other.range.end && other.range.start < one.range.end
}

/// From left to right, with what overlaps as one.
fn joined(mut found: Vec<Found>) -> Vec<Found> {
    found.sort_by_key(|one| one.range.start);
    let mut joined: Vec<Found> = Vec::with_capacity(found.len());
    for one in found {
        match joined.last_mut() {
            Some(last) if overlap(last, &one) => last.range.end = last.range.end.max(one.range.end),
            _ => joined.push(one),
        }
    }
    joined
}

#[cfg(test)]
#[path = "../tests/secrets/mod.rs"]
#[expect(dead_code, unreachable_pub, reason = "tests share it")]
mod secrets;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::secrets::seeds;
    use super::*;

    proptest! {
        #[test]
        fn no_scanner_is_left_out_that_would_find_something(text in any::<String>(), seed in seeds()) {
            for text in [format!("{}{text}", seed.text), text] {
                prop_assert_eq!(find_sensitive(&text, &["a-b"]), find(&text, &["a-b"], &Signs::ALL));
            }
        }
    }

    #[test]
    fn a_long_text_costs_its_length() {
        // What makes a scanner that looks back or ahead too far look at all of the text again and again.
        for part in [
            "a@",
            "%40a",
            "=",
            "token:",
            "token=token:",
            "password:\"",
            "\\\"",
            "://a:",
            "bearer ",
            "-----BEGIN PRIVATE KEY",
            "-----BEGIN ",
            "eyJ.",
            "glpat-",
            "1",
            "1-",
            "+1 ",
            "DE89 ",
            " ",
            "é",
        ] {
            let text = part.repeat(20_000 / part.len());
            scan::steps::take();
            let _ = mask(&text, &["glpat-glpat-"]);
            let steps = scan::steps::take();
            assert!(steps < 40 * text.len(), "{part}: {steps} of {}", text.len());
        }
    }
}
