//! International bank account numbers.

use super::scan::starts_word;
use super::{Found, Sensitive};

/// How long the numbers of a country are, as the registry of ISO 13616 has it.
const LENGTHS: &[(&[u8; 2], usize)] = &[
    (b"AD", 24),
    (b"AE", 23),
    (b"AL", 28),
    (b"AT", 20),
    (b"AZ", 28),
    (b"BA", 20),
    (b"BE", 16),
    (b"BG", 22),
    (b"BH", 22),
    (b"BI", 27),
    (b"BR", 29),
    (b"BY", 28),
    (b"CH", 21),
    (b"CR", 22),
    (b"CY", 28),
    (b"CZ", 24),
    (b"DE", 22),
    (b"DJ", 27),
    (b"DK", 18),
    (b"DO", 28),
    (b"EE", 20),
    (b"EG", 29),
    (b"ES", 24),
    (b"FI", 18),
    (b"FK", 18),
    (b"FO", 18),
    (b"FR", 27),
    (b"GB", 22),
    (b"GE", 22),
    (b"GI", 23),
    (b"GL", 18),
    (b"GR", 27),
    (b"GT", 28),
    (b"HN", 28),
    (b"HR", 21),
    (b"HU", 28),
    (b"IE", 22),
    (b"IL", 23),
    (b"IQ", 23),
    (b"IS", 26),
    (b"IT", 27),
    (b"JO", 30),
    (b"KW", 30),
    (b"KZ", 20),
    (b"LB", 28),
    (b"LC", 32),
    (b"LI", 21),
    (b"LT", 20),
    (b"LU", 20),
    (b"LV", 21),
    (b"LY", 25),
    (b"MC", 27),
    (b"MD", 24),
    (b"ME", 22),
    (b"MK", 19),
    (b"MN", 20),
    (b"MR", 27),
    (b"MT", 31),
    (b"MU", 30),
    (b"NI", 28),
    (b"NL", 18),
    (b"NO", 15),
    (b"OM", 23),
    (b"PK", 24),
    (b"PL", 28),
    (b"PS", 29),
    (b"PT", 25),
    (b"QA", 29),
    (b"RO", 24),
    (b"RS", 22),
    (b"RU", 33),
    (b"SA", 24),
    (b"SC", 31),
    (b"SD", 18),
    (b"SE", 24),
    (b"SI", 19),
    (b"SK", 24),
    (b"SM", 27),
    (b"SO", 23),
    (b"ST", 25),
    (b"SV", 28),
    (b"TL", 23),
    (b"TN", 24),
    (b"TR", 26),
    (b"UA", 29),
    (b"VA", 22),
    (b"VG", 24),
    (b"XK", 20),
    (b"YE", 30),
];

pub(super) fn find(text: &[u8], found: &mut Vec<Found>) {
    let mut done = 0;
    for at in 0..text.len() {
        if at >= done
            && starts_word(text, at)
            && let Some(end) = end(text, at)
        {
            found.push(Found {
                what: Sensitive::Iban,
                range: at..end,
            });
            done = end;
        }
    }
}

fn end(text: &[u8], start: usize) -> Option<usize> {
    let [first, second, check @ ..] = text.get(start..start + 4)? else {
        return None;
    };
    if !check.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let country = [first.to_ascii_uppercase(), second.to_ascii_uppercase()];
    let (_, length) = LENGTHS.iter().find(|(known, _)| **known == country)?;
    let mut number = Vec::with_capacity(*length);
    let mut at = start;
    // Printed, it has a space after every fourth character.
    let is_spaced = text.get(start + 4) == Some(&b' ');
    while number.len() < *length {
        if is_spaced && !number.is_empty() && number.len().is_multiple_of(4) {
            if text.get(at) != Some(&b' ') {
                return None;
            }
            at += 1;
        }
        number.push(*text.get(at).filter(|byte| byte.is_ascii_alphanumeric())?);
        at += 1;
    }
    let is_longer = text
        .get(at)
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    (!is_longer && is_written_as_one(&number) && passes_mod_97(&number)).then_some(at)
}

/// Identifiers in lower case or of letters mostly pass the check digits now and then; account numbers are in upper case
/// or of digits alone, and at least half of them is digits.
fn is_written_as_one(number: &[u8]) -> bool {
    let (head, account) = number.split_at(4);
    let digits = account.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_upper = !number.iter().any(u8::is_ascii_lowercase);
    head[2..].iter().all(u8::is_ascii_digit)
        && digits * 2 >= account.len()
        && (is_upper || digits == account.len())
}

/// ISO 7064: the number with its first four characters at the end, letters as 10 to 35, leaves 1.
fn passes_mod_97(number: &[u8]) -> bool {
    let (head, account) = number.split_at(4);
    let remainder = account
        .iter()
        .chain(head)
        .fold(0_u32, |remainder, byte| match byte {
            b'0'..=b'9' => (remainder * 10 + u32::from(byte - b'0')) % 97,
            letter => (remainder * 100 + u32::from(letter.to_ascii_uppercase() - b'A') + 10) % 97,
        });
    remainder == 1
}
