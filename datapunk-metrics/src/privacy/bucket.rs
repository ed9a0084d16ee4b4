//! One of a few buckets in the place of a value.

use datapunk_metrics_conventions::name_hash;

use crate::LabelValue;

/// Most buckets that there may be.
const MOST: usize = 256;

/// A text as one of `N` buckets, which many other texts share: a closed label with the values `0` to `N - 1`.
///
/// It shows whether load or errors are spread evenly over users, and nothing of any of them. The same text is in the same
/// bucket in every process. `N` is 2 to 256; the fewer, the less is told.
///
/// ```
/// use datapunk_metrics::LabelSet;
/// use datapunk_metrics::privacy::Bucket;
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct ShardLabels { user: Bucket<16> }
///
/// let labels = ShardLabels { user: Bucket::of("jane@example.com") };
/// assert_eq!(labels.user, Bucket::of("jane@example.com"));
/// assert_eq!(ShardLabels::CARDINALITY, 16);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bucket<const N: usize>(usize);

impl<const N: usize> Bucket<N> {
    /// The bucket of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let high = mixed(name_hash(text)) >> 32;
        Self(usize::try_from(high).unwrap_or_default() % N)
    }
}

/// Spreads every bit over all: texts that differ in their last characters alone have much of an FNV-1a hash in common.
/// The last steps of MurmurHash3 by Austin Appleby.
const fn mixed(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    let hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

impl<const N: usize> LabelValue for Bucket<N> {
    const VALUES: &'static [&'static str] = {
        assert!(N >= 2 && N <= MOST, "a label has 2 to 256 buckets");
        NUMBERS.split_at(N).0
    };

    #[inline]
    fn index(self) -> usize {
        self.0
    }
}

/// `0` to `255` as text.
static NUMBERS: [&str; MOST] = {
    let mut numbers = [""; MOST];
    let mut number = 0;
    while number < MOST {
        let (_, digits) = DIGITS[number].split_at(3 - length(number));
        numbers[number] = match core::str::from_utf8(digits) {
            Ok(text) => text,
            Err(_) => "",
        };
        number += 1;
    }
    numbers
};

static DIGITS: [[u8; 3]; MOST] = {
    let mut all = [[b'0'; 3]; MOST];
    let mut number = 0;
    while number < MOST {
        #[expect(clippy::cast_possible_truncation, reason = "a digit fits a byte")]
        let digits = [
            b'0' + (number / 100) as u8,
            b'0' + (number / 10 % 10) as u8,
            b'0' + (number % 10) as u8,
        ];
        all[number] = digits;
        number += 1;
    }
    all
};

const fn length(number: usize) -> usize {
    match number {
        0..10 => 1,
        10..100 => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbers_and_every_bucket_is_used() {
        assert_eq!(<Bucket<3>>::VALUES, ["0", "1", "2"]);
        assert_eq!(<Bucket<256>>::VALUES[255], "255");
        assert_eq!(<Bucket<256>>::VALUES[42], "42");
        let used: std::collections::BTreeSet<usize> = (0..1000)
            .map(|user| <Bucket<16>>::of(&format!("user-{user}")).index())
            .collect();
        assert_eq!(used.len(), 16);
        let in_first = (0..1600)
            .filter(|user| <Bucket<16>>::of(&format!("user-{user}")).index() == 0)
            .count();
        assert!(
            (60..140).contains(&in_first),
            "{in_first} of 1,600 in one of 16"
        );
    }
}
