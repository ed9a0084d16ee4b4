//! `assert_metric!` and what it says when it fails.

use super::table::{Pairs, Table, series};
use super::{Labels, Samples, Series, pairs};

/// Asserts the value of one series.
///
/// ```
/// use datapunk_metrics::testing::{Snapshot, assert_metric};
/// use datapunk_metrics::{Counter, Gauge, LabelSet, MetricSet, Outcome, Registry};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct CallLabels { outcome: Outcome }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "bank")]
/// struct BankMetrics {
///     /// Calls answered.
///     calls_answered_total: Counter<CallLabels>,
///     /// People who wait.
///     people_current: Gauge,
/// }
/// BankMetrics::METRICS.calls_answered_total.with(CallLabels { outcome: Outcome::Ok }).add(2);
///
/// // In the registry of the program, as it is now: by a handle, or by name and labels as they are exposed.
/// assert_metric!(BankMetrics::METRICS.calls_answered_total.with(CallLabels { outcome: Outcome::Ok }), == 2);
/// assert_metric!("bank_calls_answered_total", CallLabels { outcome: Outcome::Ok }, == 2);
/// assert_metric!("bank_calls_answered_total", &[("outcome", "ok")], >= 1);
/// assert_metric!(BankMetrics::METRICS.people_current, absent);
///
/// // In a registry, a snapshot, a difference or a scope.
/// let registry = Registry::new();
/// registry.register::<BankMetrics>()?;
/// assert_metric!(in registry, "bank_calls_answered_total", &[("outcome", "error")], == 0);
/// assert_metric!(in Snapshot::of(&registry)?, "bank_people_current", (), absent);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The comparisons are `==`, `!=`, `>`, `>=`, `<`, `<=` and `absent`. A failure shows both values, and the other series of
/// the metric that are not 0:
///
/// ```should_panic
/// # use datapunk_metrics::testing::assert_metric;
/// # use datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome};
/// # #[derive(Clone, Copy, LabelSet)]
/// # struct CallLabels { outcome: Outcome }
/// # #[derive(MetricSet)]
/// # #[metrics(namespace = "branch")]
/// # struct BranchMetrics {
/// #     /// Calls answered.
/// #     calls_answered_total: Counter<CallLabels>,
/// # }
/// BranchMetrics::METRICS.calls_answered_total.with(CallLabels { outcome: Outcome::Error }).inc();
///
/// // `branch_calls_answered_total{outcome="ok"}` is 0, expected at least 1
/// // note: other series of this metric that are not 0:
/// //       branch_calls_answered_total{outcome="error"} 1
/// assert_metric!("branch_calls_answered_total", CallLabels { outcome: Outcome::Ok }, >= 1);
/// ```
#[macro_export]
macro_rules! assert_metric {
    (@nothing) => {
        ::core::compile_error!(
            "the series is compared with nothing\n\
             help: write `, == 1` behind the handle or the labels, or `!=`, `>`, `>=`, `<`, `<=` and a number, or `absent`"
        )
    };
    (@expected absent $(,)?) => { $crate::testing::Expected::Absent };
    (@expected == $value:expr $(,)?) => {
        $crate::testing::Expected::Equal($crate::testing::Amount::amount($value))
    };
    (@expected != $value:expr $(,)?) => {
        $crate::testing::Expected::Other($crate::testing::Amount::amount($value))
    };
    (@expected >= $value:expr $(,)?) => {
        $crate::testing::Expected::AtLeast($crate::testing::Amount::amount($value))
    };
    (@expected > $value:expr $(,)?) => {
        $crate::testing::Expected::More($crate::testing::Amount::amount($value))
    };
    (@expected <= $value:expr $(,)?) => {
        $crate::testing::Expected::AtMost($crate::testing::Amount::amount($value))
    };
    (@expected < $value:expr $(,)?) => {
        $crate::testing::Expected::Less($crate::testing::Amount::amount($value))
    };
    (@expected $($other:tt)*) => {
        ::core::compile_error!(::core::concat!(
            "`", ::core::stringify!($($other)*), "` is not a comparison\n",
            "help: write `== 1`, or `!=`, `>`, `>=`, `<`, `<=` and a number, or `absent`",
        ))
    };
    // Behind a handle stands the comparison, behind a name its labels.
    (@of $samples:expr, $series:expr; absent $(,)?) => {
        $crate::assert_metric!(@handle $samples, $series, absent)
    };
    (@of $samples:expr, $series:expr; == $($value:tt)+) => {
        $crate::assert_metric!(@handle $samples, $series, == $($value)+)
    };
    (@of $samples:expr, $series:expr; != $($value:tt)+) => {
        $crate::assert_metric!(@handle $samples, $series, != $($value)+)
    };
    (@of $samples:expr, $series:expr; >= $($value:tt)+) => {
        $crate::assert_metric!(@handle $samples, $series, >= $($value)+)
    };
    (@of $samples:expr, $series:expr; > $($value:tt)+) => {
        $crate::assert_metric!(@handle $samples, $series, > $($value)+)
    };
    (@of $samples:expr, $series:expr; <= $($value:tt)+) => {
        $crate::assert_metric!(@handle $samples, $series, <= $($value)+)
    };
    (@of $samples:expr, $series:expr; < $($value:tt)+) => {
        $crate::assert_metric!(@handle $samples, $series, < $($value)+)
    };
    (@of $samples:expr, $name:expr; $labels:expr $(,)?) => { $crate::assert_metric!(@nothing) };
    (@of $samples:expr, $name:expr; $labels:expr, $($expected:tt)+) => {
        $crate::testing::check(
            $samples,
            $name,
            $labels,
            $crate::assert_metric!(@expected $($expected)+),
        )
    };
    (@handle $samples:expr, $series:expr, $($expected:tt)+) => {
        $crate::testing::check_series(
            $samples,
            $series,
            $crate::assert_metric!(@expected $($expected)+),
        )
    };
    (in $samples:expr, $series:expr $(,)?) => { $crate::assert_metric!(@nothing) };
    ($series:expr $(,)?) => { $crate::assert_metric!(@nothing) };
    (in $samples:expr, $series:expr, $($rest:tt)+) => {
        $crate::assert_metric!(@of &$samples, $series; $($rest)+)
    };
    ($series:expr, $($rest:tt)+) => {
        $crate::assert_metric!(@of $crate::testing::program(), $series; $($rest)+)
    };
}

/// What a series is compared with.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub enum Expected {
    Absent,
    Equal(f64),
    Other(f64),
    AtLeast(f64),
    More(f64),
    AtMost(f64),
    Less(f64),
}

impl Expected {
    fn holds(self, actual: Option<f64>) -> bool {
        let Some(actual) = actual else {
            return matches!(self, Self::Absent);
        };
        match self {
            Self::Absent => false,
            Self::Equal(value) => actual
                .partial_cmp(&value)
                .is_some_and(core::cmp::Ordering::is_eq),
            Self::Other(value) => !Self::Equal(value).holds(Some(actual)),
            Self::AtLeast(value) => actual >= value,
            Self::More(value) => actual > value,
            Self::AtMost(value) => actual <= value,
            Self::Less(value) => actual < value,
        }
    }
}

impl core::fmt::Display for Expected {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::Absent => f.write_str("it to be absent"),
            Self::Equal(value) => write!(f, "{value}"),
            Self::Other(value) => write!(f, "any value but {value}"),
            Self::AtLeast(value) => write!(f, "at least {value}"),
            Self::More(value) => write!(f, "more than {value}"),
            Self::AtMost(value) => write!(f, "at most {value}"),
            Self::Less(value) => write!(f, "less than {value}"),
        }
    }
}

/// What [`assert_metric!`](crate::assert_metric) calls.
///
/// # Panics
///
/// If the series is not as expected, or does not exist.
#[doc(hidden)]
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "what does not name a series is reported where it is written"
)]
pub fn check(samples: &impl Samples, name: &str, labels: impl Labels, expected: Expected) {
    let table = samples.table().unwrap_or_else(|error| panic!("{error}"));
    compare(&table, name, &labels.pairs(), expected);
}

/// The same, by a handle.
///
/// # Panics
///
/// If the series is not as expected, or does not exist.
#[doc(hidden)]
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a handle is copied")]
pub fn check_series(samples: &impl Samples, series: impl Series, expected: Expected) {
    let table = samples.table().unwrap_or_else(|error| panic!("{error}"));
    match table.named(&series) {
        Ok((name, labels)) => compare(&table, &name, &pairs(&labels), expected),
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn compare(table: &Table, name: &str, labels: &Pairs<'_>, expected: Expected) {
    let actual = match table.find(name, labels) {
        Ok(actual) => actual,
        Err(error) => panic!("{error}"),
    };
    if expected.holds(actual) {
        return;
    }
    let shown = actual.map_or("absent".into(), |actual| actual.to_string());
    let mut message = format!("`{}` is {shown}, expected {expected}", series(name, labels));
    if actual.is_none() {
        table.say_why_absent(name, &mut message);
    } else {
        table.say_others(name, labels, &mut message);
    }
    panic!("{message}");
}

/// A number that a series is compared with.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "a series is not compared with `{Self}`",
    label = "not a number",
    note = "compare it with an integer or an `f64`; read `_sum` of durations in seconds"
)]
pub trait Amount {
    fn amount(self) -> f64;
}

macro_rules! amounts {
    ($($number:ty),*) => {$(
        impl Amount for $number {
            #[allow(
                clippy::cast_precision_loss,
                clippy::cast_lossless,
                trivial_numeric_casts,
                reason = "an exposition is in f64"
            )]
            fn amount(self) -> f64 {
                self as f64
            }
        }
    )*};
}
amounts!(u8, u16, u32, u64, usize, i8, i16, i32, i64, isize, f32, f64);
