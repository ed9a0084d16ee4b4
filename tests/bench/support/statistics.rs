//! The statistics of the benches: there is one, the median.

/// The middle of `values`; of an even number, the mean of the two in the middle.
///
/// # Panics
///
/// If there are no values: nothing was measured.
#[must_use]
pub fn median(values: &[f64]) -> f64 {
    assert!(!values.is_empty(), "nothing was measured");
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let middle = sorted.len() / 2;
    if sorted.len().is_multiple_of(2) {
        f64::midpoint(sorted[middle - 1], sorted[middle])
    } else {
        sorted[middle]
    }
}

/// `value` with three significant digits at most behind the point, as the results' files have it.
#[must_use]
pub fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(&[3.0]), 3.0);
        assert_eq!(median(&[9.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 9.0]), 3.0);
    }

    #[test]
    #[should_panic(expected = "nothing was measured")]
    fn no_values_have_no_median() {
        let _ = median(&[]);
    }

    #[test]
    #[expect(clippy::float_cmp, reason = "these are exact")]
    fn three_digits_remain() {
        assert_eq!(rounded(0.123_456), 0.123);
        assert_eq!(rounded(12_345.678_9), 12_345.679);
    }
}
