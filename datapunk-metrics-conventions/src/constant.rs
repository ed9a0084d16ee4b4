//! Checks in constant evaluation, for values that a macro cannot see: paths to constants, labels of other crates.

/// Whether two texts are equal.
#[must_use]
pub const fn str_eq(left: &str, right: &str) -> bool {
    // Most texts differ in length, which takes a constant one step to see.
    left.len() == right.len() && bytes_at(left.as_bytes(), 0, right.as_bytes())
}

/// Whether `text` has `word` at byte `at`.
pub(crate) const fn bytes_at(text: &[u8], at: usize, word: &[u8]) -> bool {
    // No overflow: slices are no longer than `isize::MAX`.
    if at + word.len() > text.len() {
        return false;
    }
    let mut byte = 0;
    while byte < word.len() {
        if text[at + byte] != word[byte] {
            return false;
        }
        byte += 1;
    }
    true
}

/// The numbers of FNV-1a.
const START: u64 = 0xcbf2_9ce4_8422_2325;
const PRIME: u64 = 0x0100_0000_01b3;

/// A hash of a name (FNV-1a, 64 bits), the same in every build, to look names up by.
///
/// ```
/// assert_eq!(datapunk_metrics_conventions::name_hash("foobar"), 0x8594_4171_f739_67e8);
/// ```
#[must_use]
pub const fn name_hash(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let mut hash = START;
    let mut byte = 0;
    while byte < bytes.len() {
        // `u64::from` is not constant.
        hash = (hash ^ bytes[byte] as u64).wrapping_mul(PRIME);
        byte += 1;
    }
    hash
}

/// The pairs of neighbouring letters of a name as a set of 64: names that are alike share most of them, since one edit
/// changes three at most.
///
/// ```
/// use datapunk_metrics_conventions::name_pairs;
///
/// let differing = name_pairs("http_requests_total") ^ name_pairs("http_request_total");
/// assert!(differing.count_ones() <= 3);
/// ```
#[must_use]
pub const fn name_pairs(name: &str) -> u64 {
    let name = name.as_bytes();
    let mut set = 0;
    let mut at = 1;
    while at < name.len() {
        let pair = (name[at - 1] as u32).wrapping_mul(31) ^ name[at] as u32;
        set |= 1 << (pair.wrapping_mul(0x9e37_79b1) >> 26);
        at += 1;
    }
    set
}

/// The hashes of the two halves of a name, each of 32 bits: of its words up to the middle, and of those behind. A mistake in
/// one word leaves one of them as it is.
///
/// ```
/// use datapunk_metrics_conventions::name_halves;
///
/// let (right, wrong) = (name_halves("http_requests_total"), name_halves("htp_requests_total"));
/// assert_eq!((right ^ wrong) as u32, 0);
/// let (right, wrong) = (name_halves("http_requests_total"), name_halves("http_requests_totl"));
/// assert_eq!((right ^ wrong) >> 32, 0);
/// ```
#[must_use]
pub const fn name_halves(name: &str) -> u64 {
    let name = name.as_bytes();
    let (mut words, mut at) = (0, 0);
    while at < name.len() {
        if name[at] == b'_' {
            words += 1;
        }
        at += 1;
    }
    let (mut halves, mut hash, mut word) = (0, START, 0);
    at = 0;
    while at < name.len() {
        if name[at] == b'_' {
            if word == words / 2 {
                halves = hash;
                hash = START;
            }
            word += 1;
        }
        hash = (hash ^ name[at] as u64).wrapping_mul(PRIME);
        at += 1;
    }
    // The high halves of the hashes: their low bits tell less apart.
    (halves >> 32) << 32 | hash >> 32
}

/// Whether `name` is lower-case ASCII segments joined by single underscores, without a leading digit.
///
/// ```
/// use datapunk_metrics_conventions::is_snake_case;
///
/// const _: () = assert!(is_snake_case("http_requests_total"));
/// assert!(!is_snake_case("http__requests") && !is_snake_case("httpRequests") && !is_snake_case("2xx"));
/// ```
#[must_use]
pub const fn is_snake_case(name: &str) -> bool {
    let bytes = name.as_bytes();
    if bytes.is_empty()
        || bytes[0].is_ascii_digit()
        || bytes[0] == b'_'
        || bytes[bytes.len() - 1] == b'_'
    {
        return false;
    }
    let mut byte = 0;
    while byte < bytes.len() {
        let fits = match bytes[byte] {
            b'a'..=b'z' | b'0'..=b'9' => true,
            b'_' => bytes[byte - 1] != b'_',
            _ => false,
        };
        if !fits {
            return false;
        }
        byte += 1;
    }
    true
}

/// Whether `label` belongs to the exposition formats (`le`, `quantile`, `__…`) or to the scraped target (`service`,
/// `instance`, `job`, `exported_…`).
#[must_use]
pub const fn label_is_reserved(label: &str) -> bool {
    let bytes = label.as_bytes();
    bytes_at(bytes, 0, b"__")
        || bytes_at(bytes, 0, b"exported_")
        || is_one_of(label, &crate::label::RESERVED)
}

pub(crate) const fn is_one_of(text: &str, words: &[&str]) -> bool {
    let mut word = 0;
    while word < words.len() {
        if str_eq(text, words[word]) {
            return true;
        }
        word += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_whole() {
        assert!(str_eq("", "") && str_eq("ab", "ab"));
        assert!(!str_eq("ab", "a") && !str_eq("a", "ab") && !str_eq("ab", "ac"));
    }

    #[test]
    fn the_hash_is_fnv_1a() {
        assert_eq!(name_hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(name_hash("a"), 0xaf63_dc4c_8601_ec8c);
    }

    #[test]
    fn snake_case_is_told_from_others() {
        for good in ["a", "a1", "http_2xx", "a_b_c"] {
            assert!(is_snake_case(good), "{good}");
        }
        for bad in [
            "", "_a", "a_", "a__b", "A", "aB", "1a", "a:b", "a-b", "ä", "a b",
        ] {
            assert!(!is_snake_case(bad), "{bad}");
        }
    }

    #[test]
    fn reserved_labels_are_known_in_constants() {
        const {
            assert!(
                label_is_reserved("le")
                    && label_is_reserved("__name__")
                    && label_is_reserved("exported_x")
            );
            assert!(
                !label_is_reserved("level")
                    && !label_is_reserved("services")
                    && !label_is_reserved("")
            );
        }
    }
}
