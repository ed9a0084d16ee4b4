//! Metrics in tests: read a series, compare two moments, see what this thread recorded, lint a registry.
//!
//! ```
//! use datapunk_metrics::testing::{Scope, Snapshot, assert_metric};
//! use datapunk_metrics::{Counter, Gauge, LabelSet, MetricSet, Outcome, registry};
//!
//! #[derive(Clone, Copy, LabelSet)]
//! struct LetterLabels { outcome: Outcome }
//!
//! #[derive(MetricSet)]
//! #[metrics(namespace = "post")]
//! struct PostMetrics {
//!     /// Letters delivered, by outcome.
//!     letters_delivered_total: Counter<LetterLabels>,
//!     /// Letters that wait.
//!     letters_waiting_current: Gauge,
//! }
//! const POST: PostMetrics = PostMetrics::METRICS;
//!
//! fn deliver() {
//!     POST.letters_waiting_current.set(7);
//!     POST.letters_delivered_total.with(LetterLabels { outcome: Outcome::Ok }).inc();
//! }
//!
//! // What this thread records from here on, whatever the tests beside it do.
//! let scope = Scope::begin();
//! let before = Snapshot::of(registry()?)?;
//! deliver();
//!
//! // By the handle that records it, or by its name and labels as they are exposed.
//! assert_metric!(in scope, POST.letters_delivered_total.with(LetterLabels { outcome: Outcome::Ok }), == 1);
//! assert_metric!(in scope, "post_letters_delivered_total", &[("outcome", "error")], == 0);
//! assert_metric!(POST.letters_waiting_current, > 5);
//!
//! let changes = Snapshot::of(registry()?)?.since(&before);
//! assert_eq!(
//!     changes.to_string(),
//!     "post_letters_delivered_total{outcome=\"ok\"} +1 (0 -> 1)\n\
//!      post_letters_waiting_current +7 (absent -> 7)\n"
//! );
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # How a series is named
//!
//! By its [handle](Series): what `with` of a metric gives, and the metric itself where it has no labels. The compiler
//! checks that it is there. Those of a histogram are [`count_of`], [`sum_of`] and [`bucket_of`] of its handle.
//!
//! Or as in an exposition and in a query, which shows that the exported name is the one that dashboards know: a
//! histogram's series are `…_bucket`, `…_sum` and `…_count`. All labels are given, as a label set or as names and values;
//! constant ones may be left away. The `le` of a bucket is compared as a number. A name, a label or a label value that
//! does not exist is an error and never 0, and its message names the nearest one that does.
//!
//! # What sees what
//!
//! | | other threads | gauges, states, ratios, scrape-time values |
//! |---|---|---|
//! | [`value`], [`value_of`], [`assert_metric!`](crate::assert_metric), [`Snapshot`] | seen | seen |
//! | [`Scope`] | not seen | refused: they are shared by all threads |
//!
//! The metrics of a program are statics, so tests that run beside each other in one process count in the same ones. A
//! [`Scope`] keeps them apart where the code under test stays on its thread; else a process for each test does, as
//! `cargo nextest` starts.

mod assertion;
mod difference;
mod labels;
mod lint;
mod scope;
mod series;
mod snapshot;
mod table;

use std::borrow::Cow;

#[cfg(feature = "artifacts")]
pub use crate::artifacts::assert_lock;
pub use crate::assert_metric;
#[doc(hidden)]
pub use assertion::{Amount, Expected, check, check_series};
pub use difference::{Change, Difference};
pub use labels::Labels;
pub use lint::{Findings, LintFinding, lint};
pub use scope::Scope;
#[doc(hidden)]
pub use series::Handle;
pub use series::{BucketOf, CountOf, Distribution, Series, SumOf, bucket_of, count_of, sum_of};
pub use snapshot::{SeriesValue, Snapshot};
pub use table::NoSeries;
#[doc(hidden)]
pub use table::Table;

use crate::registry::Registry;

/// What series can be read from: a [`Registry`] (as it is now), a [`Snapshot`], a [`Difference`] or a [`Scope`].
///
/// In the last two the value of a series is by how much it changed.
#[diagnostic::on_unimplemented(
    message = "series are not read from `{Self}`",
    label = "series can't be read from this",
    note = "they are read from a `Registry`, `Snapshot`, `Difference` or `Scope`"
)]
pub trait Samples: sealed::Sealed {
    #[doc(hidden)]
    fn table(&self) -> Result<Cow<'_, Table>, String>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for crate::Registry {}
    impl Sealed for super::Snapshot {}
    impl Sealed for super::Difference {}
    impl Sealed for super::Scope {}
    impl<T: Sealed + ?Sized> Sealed for &T {}
}

impl<T: Samples + ?Sized> Samples for &T {
    fn table(&self) -> Result<Cow<'_, Table>, String> {
        (**self).table()
    }
}

impl Samples for Registry {
    fn table(&self) -> Result<Cow<'_, Table>, String> {
        match Snapshot::of(self) {
            Ok(snapshot) => Ok(Cow::Owned(snapshot.into_table())),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// The value of one series in the registry of the program.
///
/// ```
/// use datapunk_metrics::{Counter, MetricSet, testing};
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "well")]
/// struct WellMetrics {
///     /// Buckets of water drawn.
///     buckets_drawn_total: Counter,
/// }
/// WellMetrics::METRICS.buckets_drawn_total.add(3);
///
/// assert_eq!(testing::value("well_buckets_drawn_total", ()), 3.0);
/// ```
///
/// # Panics
///
/// If there is no such series, or if it is absent now. To read one that may be, use [`Snapshot::find`].
#[must_use]
#[track_caller]
#[expect(
    clippy::needless_pass_by_value,
    reason = "labels are small, and written without a `&`"
)]
pub fn value(name: &str, labels: impl Labels) -> f64 {
    value_in(&program(), name, &labels)
}

/// The value of the series of a handle in the registry of the program.
///
/// ```
/// use datapunk_metrics::{Counter, LabelSet, MetricSet, Outcome, testing};
///
/// #[derive(Clone, Copy, LabelSet)]
/// struct TripLabels { outcome: Outcome }
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "ferry")]
/// struct FerryMetrics {
///     /// Trips made, by outcome.
///     trips_made_total: Counter<TripLabels>,
/// }
/// const FERRY: FerryMetrics = FerryMetrics::METRICS;
///
/// let made = FERRY.trips_made_total.with(TripLabels { outcome: Outcome::Ok });
/// made.add(3);
/// assert_eq!(testing::value_of(made), 3.0);
/// ```
///
/// # Panics
///
/// If the series is absent now, or its set is not registered. To read one that may be absent, use
/// [`Snapshot::find_of`].
#[must_use]
#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "a handle is copied")]
pub fn value_of(series: impl Series) -> f64 {
    value_of_in(&program(), &series)
}

/// The registry of the program, for [`assert_metric!`](crate::assert_metric).
#[doc(hidden)]
#[must_use]
#[track_caller]
pub fn program() -> &'static Registry {
    match crate::registry() {
        Ok(registry) => registry,
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn value_in(samples: &impl Samples, name: &str, labels: &impl Labels) -> f64 {
    let table = samples.table().unwrap_or_else(|error| panic!("{error}"));
    value_at(&table, name, &labels.pairs())
}

#[track_caller]
fn value_of_in(samples: &impl Samples, series: &impl Series) -> f64 {
    let table = samples.table().unwrap_or_else(|error| panic!("{error}"));
    match table.named(series) {
        Ok((name, labels)) => value_at(&table, &name, &pairs(&labels)),
        Err(error) => panic!("{error}"),
    }
}

#[track_caller]
fn value_at(table: &Table, name: &str, labels: &table::Pairs<'_>) -> f64 {
    match table.find(name, labels) {
        Ok(Some(value)) => value,
        Ok(None) => panic!("{}", table.absent(name, labels)),
        Err(error) => panic!("{error}"),
    }
}

/// Labels of a series, to be asked for.
fn pairs(labels: &table::SampleLabels) -> Vec<(Cow<'_, str>, Cow<'_, str>)> {
    labels
        .iter()
        .map(|(name, value)| (Cow::Borrowed(*name), Cow::Borrowed(&**value)))
        .collect()
}

/// The lookups that snapshots, differences and scopes have in common.
macro_rules! lookups {
    ($name:ident, $what:literal) => {
        impl $name {
            #[doc = concat!("The ", $what, " of one series; none while it is absent.")]
            ///
            /// # Errors
            ///
            /// If there is no such series. The message names the nearest one.
            pub fn find(
                &self,
                name: &str,
                labels: impl $crate::testing::Labels,
            ) -> Result<Option<f64>, $crate::testing::NoSeries> {
                match $crate::testing::Samples::table(self) {
                    Ok(table) => table.find(name, &labels.pairs()),
                    Err(message) => Err($crate::testing::NoSeries::from_message(message)),
                }
            }

            #[doc = concat!("The ", $what, " of one series.")]
            ///
            /// # Panics
            ///
            /// If there is no such series, or if it is absent.
            #[must_use]
            #[track_caller]
            pub fn value(&self, name: &str, labels: impl $crate::testing::Labels) -> f64 {
                $crate::testing::value_in(&self, name, &labels)
            }

            #[doc = concat!("The ", $what, " of the series of a handle; none while it is absent.")]
            ///
            /// # Errors
            ///
            /// If its metric is not here.
            pub fn find_of(
                &self,
                series: impl $crate::testing::Series,
            ) -> Result<Option<f64>, $crate::testing::NoSeries> {
                let table = $crate::testing::Samples::table(self)
                    .map_err($crate::testing::NoSeries::from_message)?;
                let (name, labels) = table.named(&series)?;
                table.find(&name, &$crate::testing::pairs(&labels))
            }

            #[doc = concat!("The ", $what, " of the series of a handle.")]
            ///
            /// # Panics
            ///
            /// If its metric is not here, or if it is absent.
            #[must_use]
            #[track_caller]
            pub fn value_of(&self, series: impl $crate::testing::Series) -> f64 {
                $crate::testing::value_of_in(&self, &series)
            }
        }
    };
}
use lookups;
