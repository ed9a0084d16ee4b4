//! Numbers: payment cards, US social security numbers, phone numbers.

use super::scan::{has_word, is_word, run};
use super::{Found, Sensitive};

pub(super) fn find(text: &[u8], found: &mut Vec<Found>) {
    let mut done = 0;
    for at in 0..text.len() {
        if at < done {
            continue;
        }
        let before = at.checked_sub(1).map(|before| text[before]);
        let one = match text[at] {
            b'0'..=b'9' if !before.is_some_and(|byte| byte.is_ascii_digit()) => {
                let card = card_end(text, at).map(|end| (Sensitive::CardNumber, end));
                card.or_else(|| ssn_end(text, at).map(|end| (Sensitive::Ssn, end)))
            }
            b'+' => phone_end(text, at, at + 1).map(|end| (Sensitive::PhoneNumber, end)),
            // In the query of a URL, where `+` is a space.
            b'%' if has_word(text, at, "%2b") => {
                phone_end(text, at, at + 3).map(|end| (Sensitive::PhoneNumber, end))
            }
            _ => None,
        };
        if let Some((what, end)) = one {
            found.push(Found {
                what,
                range: at..end,
            });
            done = end;
        }
    }
}

/// The digits from `start` on, if they come in groups of these lengths with `separator` between them, and where they end.
fn grouped(
    text: &[u8],
    start: usize,
    lengths: &[usize],
    separator: u8,
) -> Option<(Vec<u8>, usize)> {
    let mut digits = Vec::new();
    let mut at = start;
    for length in lengths {
        if at > start {
            if text.get(at) != Some(&separator) {
                return None;
            }
            at += 1;
        }
        let end = run(text, at, |byte| byte.is_ascii_digit());
        if end - at != *length {
            return None;
        }
        digits.extend(text[at..end].iter().map(|digit| digit - b'0'));
        at = end;
    }
    Some((digits, at))
}

/// Whether digits from `start` to `end` are a number of their own, not a part of a word, a fraction or a longer number.
fn stands_alone(text: &[u8], start: usize, end: usize) -> bool {
    let joins = |byte: u8| matches!(byte, b'.' | b'-' | b'_' | b',');
    let before = &text[..start];
    let is_begun = match *before {
        [] => true,
        [.., first, last] if joins(last) => !first.is_ascii_digit(),
        [.., last] => !is_word(last),
    };
    let is_ended = match text[end..] {
        [] => true,
        [first, second, ..] if joins(first) => !second.is_ascii_digit(),
        [first, ..] => !is_word(first),
    };
    is_begun && is_ended
}

/// Lengths of unseparated numbers, and how cards and their brands print them.
const CARD_SHAPES: &[&[usize]] = &[
    &[4, 4, 4, 4],
    &[4, 4, 4, 4, 3],
    &[4, 6, 5],
    &[4, 6, 4],
    &[13],
    &[14],
    &[15],
    &[16],
    &[19],
];

fn card_end(text: &[u8], start: usize) -> Option<usize> {
    let first = run(text, start, |byte| byte.is_ascii_digit()) - start;
    let shapes = CARD_SHAPES
        .iter()
        .filter(|shape| shape[0] == first)
        .flat_map(|shape| [(shape, b' '), (shape, b'-')]);
    shapes
        .filter_map(|(shape, separator)| grouped(text, start, shape, separator))
        .find(|(digits, end)| {
            is_brand(digits) && passes_luhn(digits) && stands_alone(text, start, *end)
        })
        .map(|(_, end)| end)
}

/// The first digits and lengths of the brands' numbers. Timestamps begin with a 1 until 2033, which is none of them.
fn is_brand(digits: &[u8]) -> bool {
    let first = |count: usize| {
        digits[..count]
            .iter()
            .fold(0, |number, digit| number * 10 + u32::from(*digit))
    };
    match digits.len() {
        // Visa's oldest.
        13 => first(1) == 4,
        // Diners Club.
        14 => matches!(first(3), 300..=305 | 360..=369 | 380..=399),
        // American Express.
        15 => matches!(first(2), 34 | 37),
        // Visa, Mastercard, Discover, JCB, UnionPay, Maestro.
        16 => {
            first(1) == 4
                || matches!(first(2), 51..=55 | 62 | 65)
                || matches!(first(3), 644..=649)
                || matches!(first(4), 2221..=2720 | 3528..=3589 | 5018 | 5020 | 5038 | 5893 | 6011 | 6304)
                || matches!(first(4), 6759 | 6761..=6763)
        }
        // Visa, UnionPay.
        19 => first(1) == 4 || first(2) == 62,
        _ => false,
    }
}

/// The check digit of ISO/IEC 7812.
fn passes_luhn(digits: &[u8]) -> bool {
    let sum: u32 = digits
        .iter()
        .rev()
        .enumerate()
        .map(|(at, digit)| match (at % 2, u32::from(*digit)) {
            (0, digit) => digit,
            (_, digit) if digit > 4 => digit * 2 - 9,
            (_, digit) => digit * 2,
        })
        .sum();
    sum.is_multiple_of(10)
}

/// `AAA-GG-SSSS`, none of whose parts is zero; areas 666 and from 900 on are not given out.
fn ssn_end(text: &[u8], start: usize) -> Option<usize> {
    let (digits, end) = grouped(text, start, &[3, 2, 4], b'-')?;
    let number = |digits: &[u8]| {
        digits
            .iter()
            .fold(0, |number, digit| number * 10 + u32::from(*digit))
    };
    let (area, group, serial) = (
        number(&digits[..3]),
        number(&digits[3..5]),
        number(&digits[5..]),
    );
    let is_given_out = !matches!(area, 0 | 666 | 900..) && group != 0 && serial != 0;
    // A hyphen on either side makes it a part of something else.
    let is_part = |byte: Option<&u8>| byte == Some(&b'-');
    let stands = stands_alone(text, start, end)
        && !is_part(text.get(end))
        && !is_part(start.checked_sub(1).and_then(|before| text.get(before)));
    (is_given_out && stands).then_some(end)
}

/// E.164: a `+`, and at most fifteen digits that begin with the country. The shortest numbers have eight.
const PHONE_DIGITS: core::ops::RangeInclusive<usize> = 8..=15;

/// Signs between the groups of a phone number.
fn is_between(byte: u8) -> bool {
    matches!(byte, b' ' | b'-' | b'.' | b'(' | b')')
}

fn phone_end(text: &[u8], plus: usize, start: usize) -> Option<usize> {
    // `1.0.0+20240115`, `1e+15`, `UTC+01:00`.
    let before = plus.checked_sub(1).map(|before| text[before]);
    if before.is_some_and(|byte| {
        is_word(byte) || matches!(byte, b'.' | b'+' | b'-' | b'_' | b')' | b']' | b'}')
    }) {
        return None;
    }
    if !matches!(text.get(start), Some(b'1'..=b'9')) {
        return None;
    }
    let (mut count, mut end, mut at) = (0, start, start);
    loop {
        let group = run(text, at, |byte| byte.is_ascii_digit());
        let length = group - at;
        let is_broken = text
            .get(group)
            .is_some_and(|byte| is_word(*byte) || *byte == b'_');
        // Only the country may have one digit.
        let is_too_short = length == 0 || count > 0 && length == 1;
        if is_too_short || is_broken || count + length > *PHONE_DIGITS.end() {
            break;
        }
        (count, end) = (count + length, group);
        at = run(text, group, is_between);
        if at == group || at > group + 2 {
            break;
        }
    }
    PHONE_DIGITS.contains(&count).then_some(end)
}
