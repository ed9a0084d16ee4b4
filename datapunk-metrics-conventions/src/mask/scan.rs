//! Steps through the bytes of a text.

/// Where the run of bytes from `at` on ends that `is_part` holds for.
pub(super) fn run(text: &[u8], at: usize, is_part: impl Fn(u8) -> bool) -> usize {
    let rest = text.get(at..).unwrap_or_default();
    let length = rest.iter().take_while(|byte| is_part(**byte)).count();
    #[cfg(test)]
    steps::add(length);
    at + length
}

/// Where the run of bytes that ends before `end` begins; it does not reach below `floor`.
pub(super) fn run_back(
    text: &[u8],
    floor: usize,
    end: usize,
    is_part: impl Fn(u8) -> bool,
) -> usize {
    let before = text.get(floor..end).unwrap_or_default();
    let length = before
        .iter()
        .rev()
        .take_while(|byte| is_part(**byte))
        .count();
    #[cfg(test)]
    steps::add(length);
    end - length
}

/// A letter of any script, or a digit. All bytes of characters beyond ASCII count as letters.
pub(super) fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii()
}

/// Whether `at` is the beginning of the text or of a word.
pub(super) fn starts_word(text: &[u8], at: usize) -> bool {
    at.checked_sub(1)
        .and_then(|before| text.get(before))
        .is_none_or(|before| !is_word(*before))
}

/// Whether the text has `word` at `at`, in upper or lower case.
pub(super) fn has_word(text: &[u8], at: usize, word: &str) -> bool {
    text.get(at..at + word.len())
        .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()))
}

/// Where `word` is, in upper or lower case, from left to right.
pub(super) fn places<'a>(text: &'a [u8], word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let first = word.as_bytes()[0].to_ascii_lowercase();
    let begins = move |byte: &u8| byte.to_ascii_lowercase() == first;
    let starts = text
        .iter()
        .enumerate()
        .filter(move |(_, byte)| begins(byte));
    starts
        .map(|(at, _)| at)
        .filter(move |at| has_word(text, *at, word))
}

/// `A` to `Z`, `a` to `z`, digits, `-` and `_`: base64 as URLs have it.
pub(super) fn is_base64_url(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

/// How much is looked at.
#[cfg(test)]
pub(super) mod steps {
    use core::cell::Cell;

    thread_local! {
        static STEPS: Cell<usize> = const { Cell::new(0) };
    }

    pub(crate) fn add(steps: usize) {
        STEPS.set(STEPS.get() + steps);
    }

    /// How much was looked at since the last call.
    pub(crate) fn take() -> usize {
        STEPS.take()
    }
}
