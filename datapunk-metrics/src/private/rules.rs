//! What `include_rules!` writes its constants with.

pub use datapunk_metrics_rules::packed::File;

pub use crate::descriptor::MetricDescriptor;
pub use crate::rules::{
    Catalogue, External, Report, RuleFile, RuleFiles, Slot, all_metrics, check_outside, check_rule,
    count_metrics, fail_if_any, index, index_length, notes, notes_length,
};

/// The numbers whose bytes these are, the lowest first.
///
/// A literal of bytes is one token to the compiler, and a literal of numbers as many expressions.
///
/// # Panics
///
/// If there are no eight bytes for each number.
#[must_use]
pub const fn numbers<const BYTES: usize, const LENGTH: usize>(
    bytes: &[u8; BYTES],
) -> [u64; LENGTH] {
    assert!(BYTES == 8 * LENGTH);
    // SAFETY: there are as many bytes as the numbers take, any bytes are numbers, and no alignment is asked for.
    let numbers = unsafe { bytes.as_ptr().cast::<[u64; LENGTH]>().read_unaligned() };
    if cfg!(target_endian = "little") {
        return numbers;
    }
    let (mut turned, mut at) = (numbers, 0);
    while at < LENGTH {
        turned[at] = u64::from_le(numbers[at]);
        at += 1;
    }
    turned
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn numbers_are_read_from_their_bytes() {
        const BYTES: &[u8; 16] = b"\x01\0\0\0\0\0\0\0\xff\xfe\0\0\0\0\0\x80";
        const NUMBERS: [u64; 2] = numbers::<16, 2>(BYTES);
        assert_eq!(NUMBERS, [1, 0x8000_0000_0000_feff]);
        assert_eq!(numbers::<0, 0>(b""), [0; 0]);
    }

    #[test]
    #[should_panic(expected = "BYTES == 8 * LENGTH")]
    fn there_are_eight_bytes_for_each() {
        let _ = numbers::<16, 3>(&[0; 16]);
    }
}
