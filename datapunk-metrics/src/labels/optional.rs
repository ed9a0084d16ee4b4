//! A label value that may be missing.

use super::LabelValue;

/// Most values that an enum may have to be optional.
const MOST: usize = 255;
const NONE: &str = "none";

/// `None` is exposed as `none`: a label without a value would be a label that is not there.
///
/// ```
/// use datapunk_metrics::LabelValue;
///
/// #[derive(Clone, Copy, LabelValue)]
/// enum Fault { Disk, Network }
///
/// assert_eq!(<Option<Fault>>::VALUES, ["disk", "network", "none"]);
/// ```
impl<T: LabelValue> LabelValue for Option<T> {
    const VALUES: &'static [&'static str] = first(&Padded::<T>::VALUES, T::VALUES.len() + 1);
    const VARIANTS: &'static [&'static str] = first(&Padded::<T>::VARIANTS, T::VALUES.len() + 1);
    const SPARSE: bool = T::SPARSE;

    #[inline]
    fn index(self) -> usize {
        match self {
            Some(value) => value.index(),
            None => T::VALUES.len(),
        }
    }
}

/// The values in an array whose length is that of the largest type, as an array of `T`'s own length can't be written.
struct Padded<T>(T);

impl<T: LabelValue> Padded<T> {
    const VALUES: [&'static str; MOST + 1] = {
        assert!(
            T::VALUES.len() <= MOST,
            "an optional label has at most 255 values besides `none`"
        );
        with_none(T::VALUES, NONE)
    };
    const VARIANTS: [&'static str; MOST + 1] = with_none(T::VARIANTS, "None");
}

const fn with_none(values: &[&'static str], none: &'static str) -> [&'static str; MOST + 1] {
    let mut all = [none; MOST + 1];
    let mut at = 0;
    while at < values.len() {
        assert!(
            !datapunk_metrics_conventions::str_eq(values[at], none),
            "an optional label adds the value `none`, which its type has already"
        );
        all[at] = values[at];
        at += 1;
    }
    all
}

const fn first(values: &'static [&'static str; MOST + 1], count: usize) -> &'static [&'static str] {
    values.split_at(count).0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::StatusCode;

    #[test]
    fn none_follows_behind_the_values() {
        assert_eq!(<Option<bool>>::VALUES, ["false", "true", "none"]);
        assert_eq!(Some(true).index(), 1);
        assert_eq!(None::<bool>.index(), 2);
    }

    #[test]
    fn a_wide_type_stays_sparse() {
        const { assert!(<Option<StatusCode>>::SPARSE) };
        assert_eq!(<Option<StatusCode>>::VALUES.last(), Some(&"none"));
        assert_eq!(
            <Option<StatusCode>>::VALUES.len(),
            StatusCode::VALUES.len() + 1
        );
    }
}
