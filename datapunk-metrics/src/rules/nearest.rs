//! The name that was meant, found in constant code: a cheap look at each candidate, and the edit distance of a few.

use datapunk_metrics_conventions::str_eq;

/// How many candidates are looked at closely.
const FEW: usize = 4;

/// The longest name whose distance is measured.
const LONGEST: usize = 96;

/// Candidates for a word.
pub(super) struct Nearest<'a> {
    word: &'a str,
    pairs: u64,
    /// The best so far, by how many pairs of letters differ.
    few: [(u32, &'a str); FEW],
}

impl<'a> Nearest<'a> {
    pub(super) const fn to(word: &'a str) -> Self {
        Self {
            word,
            pairs: pairs(word),
            few: [(u32::MAX, ""); FEW],
        }
    }

    /// A name that may be meant.
    pub(super) const fn offer(&mut self, name: &'a str) {
        self.offer_with_pairs(name, pairs(name));
    }

    /// The same, where its [`pairs`] are known.
    pub(super) const fn offer_with_pairs(&mut self, name: &'a str, pairs: u64) {
        let differing = (pairs ^ self.pairs).count_ones();
        // A name is often cut short or lengthened by whole words.
        let rank = if differing >= self.few[FEW - 1].0
            && (starts_with(name, self.word) || starts_with(self.word, name))
        {
            0
        } else {
            differing
        };
        if rank >= self.few[FEW - 1].0 || str_eq(name, self.word) {
            return;
        }
        let mut at = FEW - 1;
        while at > 0 && self.few[at - 1].0 > rank {
            self.few[at] = self.few[at - 1];
            at -= 1;
        }
        self.few[at] = (rank, name);
    }

    /// The closest of them, if one is close enough to be meant.
    pub(super) const fn found(&self) -> Option<&'a str> {
        let mut best: (usize, Option<&'a str>) = (usize::MAX, None);
        let mut at = 0;
        while at < FEW && self.few[at].0 < u32::MAX {
            let name = self.few[at].1;
            let distance = distance(self.word.as_bytes(), name.as_bytes());
            let extends = starts_with(name, self.word) || starts_with(self.word, name);
            let is_near = distance <= max(self.word.len() / 3, 1) && distance < self.word.len();
            if (is_near || extends) && distance < best.0 {
                best = (distance, Some(name));
            }
            at += 1;
        }
        best.1
    }
}

const fn max(left: usize, right: usize) -> usize {
    if left > right { left } else { right }
}

/// Whether `name` is `start` and more words.
const fn starts_with(name: &str, start: &str) -> bool {
    let (name, start) = (name.as_bytes(), start.as_bytes());
    if name.len() <= start.len() || start.is_empty() || name[start.len()] != b'_' {
        return false;
    }
    let mut at = 0;
    while at < start.len() {
        if name[at] != start[at] {
            return false;
        }
        at += 1;
    }
    true
}

/// The pairs of neighbouring letters as a set: one edit changes three of them at most.
pub(super) const fn pairs(name: &str) -> u64 {
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

/// How many letters have to be inserted, removed or replaced.
const fn distance(left: &[u8], right: &[u8]) -> usize {
    // What is the same at both ends costs nothing: most mistakes are in one place.
    let mut start = 0;
    while start < left.len() && start < right.len() && left[start] == right[start] {
        start += 1;
    }
    let (mut rows, mut columns) = (left.len() - start, right.len() - start);
    while rows > 0 && columns > 0 && left[start + rows - 1] == right[start + columns - 1] {
        rows -= 1;
        columns -= 1;
    }
    if rows == 0 || columns == 0 {
        return rows + columns;
    }
    if columns > LONGEST {
        return usize::MAX;
    }
    let mut last = [0; LONGEST + 1];
    let mut column = 0;
    while column <= columns {
        last[column] = column;
        column += 1;
    }
    let mut row = 0;
    while row < rows {
        let mut diagonal = last[0];
        last[0] = row + 1;
        column = 0;
        while column < columns {
            let mut edits = diagonal;
            if left[start + row] != right[start + column] {
                edits += 1;
            }
            diagonal = last[column + 1];
            if diagonal < edits {
                edits = diagonal + 1;
            }
            if last[column] < edits {
                edits = last[column] + 1;
            }
            last[column + 1] = edits;
            column += 1;
        }
        row += 1;
    }
    last[columns]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nearest<'a>(word: &'a str, names: &[&'a str]) -> Option<&'a str> {
        let mut nearest = Nearest::to(word);
        for name in names {
            nearest.offer(name);
        }
        nearest.found()
    }

    #[test]
    fn the_name_that_was_meant_is_found_in_constants() {
        const FOUND: Option<&str> = {
            let mut nearest = Nearest::to("http_request_total");
            nearest.offer("http_request_size_bytes");
            nearest.offer("http_requests_total");
            nearest.found()
        };
        assert_eq!(FOUND, Some("http_requests_total"));
    }

    #[test]
    fn it_is_near_or_the_same_with_more_words() {
        assert_eq!(
            nearest("http_requests", &["http_requests_total", "http_requires"]),
            Some("http_requires")
        );
        assert_eq!(
            nearest("http_requests", &["http_requests_made_total"]),
            Some("http_requests_made_total")
        );
        assert_eq!(
            nearest("status_code", &["method", "status"]),
            Some("status")
        );
        assert_eq!(nearest("colour", &["name", "labels"]), None);
        assert_eq!(nearest("xy", &["ab"]), None);
        assert_eq!(nearest("", &["ab"]), None);
    }

    #[test]
    fn distances_are_those_of_single_edits() {
        assert_eq!(distance(b"kitten", b"sitting"), 3);
        assert_eq!(distance(b"", b"abc"), 3);
        assert_eq!(distance(b"same", b"same"), 0);
        assert_eq!(distance(b"abxcd", b"abcd"), 1);
        assert_eq!(distance(b"a", &[b'b'; 97]), usize::MAX);
    }
}
