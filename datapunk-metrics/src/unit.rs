//! Units as types: what a histogram is given, and how one value is kept.

use core::time::Duration;

use datapunk_metrics_conventions::LATENCY_BUCKETS;

/// The unit of a histogram. A type of one's own is a unit too:
///
/// ```
/// use datapunk_metrics::{Float, Histogram, MetricSet, Unit};
///
/// /// Decibels relative to full scale.
/// struct Decibels;
///
/// impl Unit for Decibels {
///     const SUFFIX: &'static str = "decibels";
///     type Encoding = Float;
/// }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "audio")]
/// struct AudioMetrics {
///     /// Loudness of a played block.
///     #[metric(buckets = [-60.0, -30.0, -10.0, 0.0])]
///     block_loudness_decibels: Histogram<Decibels>,
/// }
///
/// AudioMetrics::METRICS.block_loudness_decibels.observe(-12.5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a unit",
    label = "not a unit",
    note = "units are `Seconds`, `Bytes`, `Items`, `Fraction`, `Celsius`, `Joules`, `Volts`, `Amperes`, `Meters`, \
            `Grams`, `Cores` and types that implement `Unit`"
)]
pub trait Unit: 'static {
    /// How a name with this unit ends; empty for a count of things, whose name ends in `_size`, `_length` or `_items`.
    const SUFFIX: &'static str;

    /// The buckets of a histogram that declares none.
    const DEFAULT_BUCKETS: Option<&'static [f64]> = None;

    /// How a value is kept: [`Nanoseconds`], [`Whole`] or [`Float`].
    type Encoding: Encoding;
}

/// How the values of a unit are kept in a cell.
pub trait Encoding: sealed::Sealed + 'static {
    #[doc(hidden)]
    const KIND: EncodingKind;
}

/// The encodings as values, for constant code that can't call a trait's functions.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EncodingKind {
    Nanoseconds,
    Whole,
    Float,
}

/// Durations as whole nanoseconds; the sum is an integer too.
#[derive(Clone, Copy, Debug)]
pub struct Nanoseconds;

/// Whole numbers.
#[derive(Clone, Copy, Debug)]
pub struct Whole;

/// Floating-point numbers.
#[derive(Clone, Copy, Debug)]
pub struct Float;

mod sealed {
    pub trait Sealed {}
    impl Sealed for super::Nanoseconds {}
    impl Sealed for super::Whole {}
    impl Sealed for super::Float {}
}

impl Encoding for Nanoseconds {
    const KIND: EncodingKind = EncodingKind::Nanoseconds;
}
impl Encoding for Whole {
    const KIND: EncodingKind = EncodingKind::Whole;
}
impl Encoding for Float {
    const KIND: EncodingKind = EncodingKind::Float;
}

macro_rules! units {
    ($($(#[$doc:meta])* $name:ident $suffix:literal $encoding:ident $(= $buckets:expr)?;)*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Unit for $name {
                const SUFFIX: &'static str = $suffix;
                $(const DEFAULT_BUCKETS: Option<&'static [f64]> = Some(&$buckets);)?
                type Encoding = $encoding;
            }
        )*
    };
}

units! {
    /// Seconds, observed as a [`Duration`]. Without buckets of its own a histogram has those of the standard:
    /// 0.001 0.005 0.01 0.05 0.1 0.5 1 5.
    Seconds "seconds" Nanoseconds = LATENCY_BUCKETS;
    /// Bytes, observed as an integer.
    Bytes "bytes" Whole;
    /// A count of things, observed as an integer; the metric's name ends in `_size`, `_length` or `_items`.
    Items "" Whole;
    /// A share between 0 and 1; the metric's name ends in `_ratio`.
    Fraction "ratio" Float;
    /// Degrees Celsius.
    Celsius "celsius" Float;
    /// Joules.
    Joules "joules" Float;
    /// Volts.
    Volts "volts" Float;
    /// Amperes.
    Amperes "amperes" Float;
    /// Meters.
    Meters "meters" Float;
    /// Grams.
    Grams "grams" Float;
    /// Processor cores.
    Cores "cores" Float;
}

/// A value that a histogram of the encoding `E` takes.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is no value of this histogram's unit",
    label = "a value of another unit",
    note = "`Seconds` takes a `Duration`, `Bytes` and `Items` take integers, the other units take `f64`"
)]
pub trait Observe<E: Encoding> {
    #[doc(hidden)]
    fn encode(self) -> Observation;
}

/// One value, ready for the cells.
#[doc(hidden)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observation {
    /// A whole number, or the bits of an `f64`.
    Value(u64),
    /// A value beyond the largest that is counted exactly, replaced by that.
    Clamped(u64),
    /// A value that has no place: not finite, or negative where that has no meaning.
    Refused,
}

/// The longest duration that one observation adds to a sum: 2^53 ns, 104 days, exact in an `f64`.
pub(crate) const LONGEST_NANOSECONDS: u64 = 1 << 53;

impl Observe<Nanoseconds> for Duration {
    #[inline]
    fn encode(self) -> Observation {
        // Below this many seconds there is nothing to clamp, and nothing that overflows.
        const SHORT: u64 = LONGEST_NANOSECONDS / 1_000_000_000;
        if self.as_secs() < SHORT {
            let nanoseconds = self.as_secs() * 1_000_000_000 + u64::from(self.subsec_nanos());
            return Observation::Value(nanoseconds);
        }
        long(self)
    }
}

/// A duration of months, which may be too long.
#[cold]
fn long(duration: Duration) -> Observation {
    match u64::try_from(duration.as_nanos()) {
        Ok(nanoseconds @ ..=LONGEST_NANOSECONDS) => Observation::Value(nanoseconds),
        _ => Observation::Clamped(LONGEST_NANOSECONDS),
    }
}

macro_rules! whole {
    ($($unsigned:ty)*; $($signed:ty)*) => {
        $(impl Observe<Whole> for $unsigned {
            #[inline]
            #[allow(clippy::cast_lossless, reason = "`usize` is among the types and has no `From`")]
            fn encode(self) -> Observation {
                // `as` widens: no type here has more than 64 bits.
                Observation::Value(self as u64)
            }
        })*
        $(impl Observe<Whole> for $signed {
            #[inline]
            fn encode(self) -> Observation {
                u64::try_from(self).map_or(Observation::Refused, Observation::Value)
            }
        })*
    };
}
whole!(u8 u16 u32 u64 usize; i32 i64 isize);

impl Observe<Float> for f64 {
    #[inline]
    fn encode(self) -> Observation {
        if self.is_finite() {
            Observation::Value(self.to_bits())
        } else {
            Observation::Refused
        }
    }
}

impl Observe<Float> for f32 {
    #[inline]
    fn encode(self) -> Observation {
        Observe::<Float>::encode(f64::from(self))
    }
}

/// Bucket bounds as cells compare them.
///
/// A whole value is at most a bound exactly if it is at most the bound's floor.
#[doc(hidden)]
#[must_use]
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "saturating is what a bound needs"
)]
pub const fn encode_bounds<const N: usize>(bounds: &[f64], encoding: EncodingKind) -> [u64; N] {
    let mut encoded = [0; N];
    let mut bound = 0;
    while bound < N {
        encoded[bound] = match encoding {
            EncodingKind::Nanoseconds => (bounds[bound] * 1e9 + 0.5) as u64,
            EncodingKind::Whole => bounds[bound] as u64,
            EncodingKind::Float => bounds[bound].to_bits(),
        };
        bound += 1;
    }
    encoded
}

/// `N` bucket bounds that begin at `start` and grow by `factor`.
///
/// ```
/// use datapunk_metrics::exponential_buckets;
///
/// const SIZES: [f64; 4] = exponential_buckets(256.0, 4.0);
/// assert_eq!(SIZES, [256.0, 1024.0, 4096.0, 16384.0]);
/// ```
#[must_use]
pub const fn exponential_buckets<const N: usize>(start: f64, factor: f64) -> [f64; N] {
    let mut bounds = [start; N];
    let mut bound = 1;
    while bound < N {
        bounds[bound] = bounds[bound - 1] * factor;
        bound += 1;
    }
    bounds
}

/// `N` bucket bounds that begin at `start` and are `width` apart.
///
/// ```
/// use datapunk_metrics::linear_buckets;
///
/// const TENTHS: [f64; 3] = linear_buckets(0.0, 5.0);
/// assert_eq!(TENTHS, [0.0, 5.0, 10.0]);
/// ```
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "nobody has 2^53 buckets")]
pub const fn linear_buckets<const N: usize>(start: f64, width: f64) -> [f64; N] {
    let mut bounds = [start; N];
    let mut bound = 1;
    while bound < N {
        bounds[bound] = start + width * bound as f64;
        bound += 1;
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_duration_is_clamped_at_two_to_the_53_nanoseconds() {
        assert_eq!(
            Duration::from_nanos(LONGEST_NANOSECONDS).encode(),
            Observation::Value(LONGEST_NANOSECONDS)
        );
        for long in [Duration::from_nanos(LONGEST_NANOSECONDS + 1), Duration::MAX] {
            assert_eq!(long.encode(), Observation::Clamped(LONGEST_NANOSECONDS));
        }
    }

    #[test]
    fn what_is_not_a_number_or_negative_is_refused() {
        assert_eq!(Observe::<Float>::encode(f64::NAN), Observation::Refused);
        assert_eq!(
            Observe::<Float>::encode(f64::INFINITY),
            Observation::Refused
        );
        assert_eq!(Observe::<Whole>::encode(-1_i32), Observation::Refused);
        assert_eq!(Observe::<Whole>::encode(7_i64), Observation::Value(7));
    }

    #[test]
    fn bounds_are_encoded_to_compare_as_their_values_do() {
        assert_eq!(
            encode_bounds::<2>(&[0.001, 0.3], EncodingKind::Nanoseconds),
            [1_000_000, 300_000_000]
        );
        assert_eq!(
            encode_bounds::<2>(&[-1.0, 2.5], EncodingKind::Whole),
            [0, 2]
        );
        assert_eq!(
            encode_bounds::<1>(&[2.5], EncodingKind::Float),
            [2.5_f64.to_bits()]
        );
    }
}
