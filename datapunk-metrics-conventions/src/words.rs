//! Words: splitting names into them, and finding the closest one.

use crate::Profile;

/// The words of a name in any spelling, in lower case. Everything but ASCII letters and digits separates.
pub(crate) fn words(name: &str) -> Vec<String> {
    let characters: Vec<char> = name.chars().collect();
    let mut words = vec![String::new()];
    for (at, &character) in characters.iter().enumerate() {
        if !character.is_ascii_alphanumeric() {
            words.push(String::new());
            continue;
        }
        let before = at.checked_sub(1).map(|before| characters[before]);
        let hump = character.is_ascii_uppercase()
            && before.is_some_and(|before| {
                before.is_ascii_lowercase()
                    || before.is_ascii_digit()
                    || characters.get(at + 1).is_some_and(char::is_ascii_lowercase)
            });
        if hump {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut() {
            word.push(character.to_ascii_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// The last word of a name in any spelling, in lower case; empty if there is none.
///
/// ```
/// use datapunk_metrics_conventions::last_word;
///
/// assert_eq!(last_word("blockLoudness-Decibels"), "decibels");
/// ```
#[must_use]
pub fn last_word(name: &str) -> String {
    words(name).pop().unwrap_or_default()
}

/// `words`, joined to a name that is not empty and does not begin with a digit.
pub(crate) fn snake_case(name: &str) -> String {
    let mut words = words(name);
    anchor(&mut words);
    words.join("_")
}

/// Puts a first segment before a name that is empty or begins with a digit.
pub(crate) fn anchor(segments: &mut Vec<String>) {
    if segments
        .first()
        .is_none_or(|first| first.starts_with(|c: char| c.is_ascii_digit()))
    {
        segments.insert(0, DEFAULT_SYSTEM.to_owned());
    }
}

/// The first segment of a name that has too few.
pub(crate) const DEFAULT_SYSTEM: &str = "app";

/// Whether a lower-case letter is followed by an upper-case one, which is what promlint calls camelCase.
pub(crate) fn is_camel_case(name: &str) -> bool {
    name.as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase())
}

/// Whether the spelling of a name fits the profile. Grammar is another question.
pub(crate) fn spelling_fits(profile: Profile, name: &str) -> bool {
    match profile {
        Profile::Datapunk => crate::is_snake_case(name),
        Profile::Prometheus => !is_camel_case(name),
    }
}

/// The candidate closest to `word`, if one is so close that it may be meant.
///
/// The distance counts inserted, removed, replaced and swapped letters; one third of the word's letters may differ.
/// Of candidates that are equally close the first one is taken.
///
/// ```
/// use datapunk_metrics_conventions::closest;
///
/// assert_eq!(closest("lables", ["name", "labels"]), Some("labels"));
/// assert_eq!(closest("colour", ["name", "labels"]), None);
/// ```
#[must_use]
pub fn closest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.to_lowercase().chars().collect();
    let limit = (word.len() / 3).max(1);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.to_lowercase().chars().collect();
        // Of a word of one or two letters, one that differs leaves too little.
        if letters.len().abs_diff(word.len()) > limit || letters.is_empty() {
            continue;
        }
        let distance = distance(&word, &letters);
        let near = distance <= limit && distance < word.len();
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Edit distance, with a swap of neighbours as one edit.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for row in 1..=left.len() {
        let mut current = vec![row; right.len() + 1];
        for column in 1..=right.len() {
            let replaced = last[column - 1] + usize::from(left[row - 1] != right[column - 1]);
            current[column] = replaced.min(last[column] + 1).min(current[column - 1] + 1);
            let swapped = row > 1
                && column > 1
                && left[row - 1] == right[column - 2]
                && left[row - 2] == right[column - 1];
            if swapped {
                current[column] = current[column].min(before_last[column - 2] + 1);
            }
        }
        before_last = core::mem::replace(&mut last, current);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_any_spelling_become_snake_case() {
        for (name, snake) in [
            ("requestsTotal", "requests_total"),
            ("HTTPRequests", "http_requests"),
            ("http2Requests", "http2_requests"),
            ("requestDurationMS", "request_duration_ms"),
            ("a__b_", "a_b"),
            ("_x", "x"),
            ("http:requests-total", "http_requests_total"),
            ("9lives", "app_9lives"),
            ("größe", "gr_e"),
            ("", "app"),
            ("already_good_2", "already_good_2"),
        ] {
            assert_eq!(snake_case(name), snake, "{name}");
        }
    }

    #[test]
    fn the_closest_word_is_near() {
        assert_eq!(closest("bukets", ["buckets", "name"]), Some("buckets"));
        assert_eq!(
            closest("namepsace", ["name", "namespace"]),
            Some("namespace")
        );
        assert_eq!(closest("Naming", ["unit", "naming"]), Some("naming"));
        assert_eq!(closest("xy", ["ab"]), None);
        assert_eq!(closest("", ["a"]), None);
        assert_eq!(closest("a", ["", "b"]), None);
        assert_eq!(closest("sufix", []), None);
        assert_eq!(closest("form", ["fort", "fork"]), Some("fort"));
    }

    #[test]
    fn a_swap_is_one_edit() {
        let letters = |word: &str| word.chars().collect::<Vec<_>>();
        assert_eq!(distance(&letters("lables"), &letters("labels")), 1);
        assert_eq!(distance(&letters("kitten"), &letters("sitting")), 3);
        assert_eq!(distance(&letters(""), &letters("abc")), 3);
    }
}
