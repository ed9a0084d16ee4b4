//! The name that was meant, found in constant code: a cheap look at each candidate, and the edit distance of a few.

use datapunk_metrics_conventions::{name_pairs, str_eq};

/// How many candidates are looked at closely.
const FEW: usize = 4;

/// The longest name whose distance is measured: a bit for each letter.
const LONGEST: usize = u128::BITS as usize;

/// Candidates for a word.
#[derive(Clone, Copy)]
pub(super) struct Nearest<'a> {
    word: &'a str,
    pairs: u64,
    /// The best so far, by how many pairs of letters differ.
    few: [(u32, &'a str); FEW],
}

impl<'a> Nearest<'a> {
    pub(super) const fn to(word: &'a str) -> Self {
        Self::with_pairs(word, name_pairs(word))
    }

    /// The same, where the [`name_pairs`] of the word are known.
    pub(super) const fn with_pairs(word: &'a str, pairs: u64) -> Self {
        Self {
            word,
            pairs,
            few: [(u32::MAX, ""); FEW],
        }
    }

    /// A name that may be meant.
    pub(super) const fn offer(&mut self, name: &'a str) {
        self.offer_with_pairs(name, name_pairs(name));
    }

    /// Whether a name with these pairs of letters may be among the best: a look that costs little, before the name itself
    /// is looked at. One that is cut short or lengthened by whole words shares all of its pairs, or has all of the word's.
    pub(super) const fn may_be(&self, pairs: u64) -> bool {
        (pairs ^ self.pairs).count_ones() < self.worst()
            || pairs & self.pairs == pairs
            || pairs & self.pairs == self.pairs
    }

    /// Whether one letter is all that tells a name from the word; an edit changes three pairs at most.
    pub(super) const fn is_a_letter_off(&self, differing: u32, name: &str) -> bool {
        differing <= 3
            && self.word.len().abs_diff(name.len()) <= 1
            && distance(self.word.as_bytes(), name.as_bytes()) == 1
    }

    /// The pairs of letters of the word.
    pub(super) const fn pairs(&self) -> u64 {
        self.pairs
    }

    /// In fewer pairs than that a better name differs.
    pub(super) const fn worst(&self) -> u32 {
        self.few[FEW - 1].0
    }

    /// The same, where its [`name_pairs`] are known.
    pub(super) const fn offer_with_pairs(&mut self, name: &'a str, pairs: u64) {
        let differing = (pairs ^ self.pairs).count_ones();
        let mut rank = differing;
        if differing >= self.few[FEW - 1].0 {
            if !(starts_with(name, self.word) || starts_with(self.word, name)) {
                return;
            }
            rank = 0;
        }
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
        self.closest().1
    }

    /// The closest of them, if it differs in so many letters at most.
    pub(super) const fn found_within(&self, letters: usize) -> Option<&'a str> {
        let (distance, found) = self.closest();
        if distance <= letters { found } else { None }
    }

    const fn closest(&self) -> (usize, Option<&'a str>) {
        let mut best: (usize, Option<&'a str>) = (usize::MAX, None);
        let mut at = 0;
        while at < FEW && self.few[at].0 < u32::MAX {
            let name = self.few[at].1;
            let distance = distance(self.word.as_bytes(), name.as_bytes());
            let extends = starts_with(name, self.word) || starts_with(self.word, name);
            let is_near = distance <= max(self.word.len() / 3, 1) && distance < self.word.len();
            if (is_near || extends) && distance < best.0 {
                best = (distance, Some(name));
                if distance == 1 {
                    break;
                }
            }
            at += 1;
        }
        best
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

/// How many letters have to be inserted, removed or replaced.
///
/// A column of the table of distances at a time, whose steps are bits (Myers 1999, as Hyyrö 2003 has it for whole words):
/// in a constant each step of a program counts, and the table has hundreds of cells.
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
    if rows > LONGEST {
        return usize::MAX;
    }
    // The rows that have each letter.
    let mut rows_of = [0_u128; 256];
    let mut row = 0;
    while row < rows {
        rows_of[left[start + row] as usize] |= 1 << row;
        row += 1;
    }
    let last: u128 = 1 << (rows - 1);
    let (mut rises, mut falls) = (!0_u128, 0);
    let mut distance = rows;
    let mut column = 0;
    while column < columns {
        let equal = rows_of[right[start + column] as usize];
        let diagonal = ((equal & rises).wrapping_add(rises) ^ rises) | equal | falls;
        let across_rises = falls | !(diagonal | rises);
        let across_falls = rises & diagonal;
        if across_rises & last != 0 {
            distance += 1;
        } else if across_falls & last != 0 {
            distance -= 1;
        }
        let shifted = across_rises << 1 | 1;
        rises = across_falls << 1 | !(diagonal | shifted);
        falls = shifted & diagonal;
        column += 1;
    }
    distance
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
        assert_eq!(distance(&[b'b'; 129], b"a"), usize::MAX);
        assert_eq!(distance(b"a", &[b'b'; 129]), 129);
    }

    #[test]
    fn distances_are_those_of_the_whole_table() {
        // Every pair of short words over three letters.
        let words: Vec<Vec<u8>> = (0..6)
            .flat_map(|length| (0..3_usize.pow(length)).map(move |number| (length, number)))
            .map(|(length, number)| {
                (0..length)
                    .map(|at| b"abc"[number / 3_usize.pow(at) % 3])
                    .collect()
            })
            .collect();
        for left in &words {
            for right in &words {
                let mut table = vec![vec![0; right.len() + 1]; left.len() + 1];
                for row in 0..=left.len() {
                    for column in 0..=right.len() {
                        table[row][column] = if row == 0 || column == 0 {
                            row + column
                        } else {
                            let replaced = usize::from(left[row - 1] != right[column - 1]);
                            (table[row - 1][column - 1] + replaced)
                                .min(table[row - 1][column] + 1)
                                .min(table[row][column - 1] + 1)
                        };
                    }
                }
                let expected = table[left.len()][right.len()];
                assert_eq!(distance(left, right), expected, "{left:?} {right:?}");
            }
        }
    }
}
