//! A series by its handle.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::cells::Storage;
use crate::collect::{LabelValues, SeriesLabels};
use crate::labels::FOLDED;
use crate::metric::{
    Counter, CounterNumber, CounterSeries, Gauge, GaugeNumber, GaugeSeries, Histogram,
    HistogramSeries, Ratio, State, StateSeries, StateValue,
};
use crate::set::{LINKED_SETS, SetEntry};
use crate::unit::Unit;

use super::snapshot::sample_labels;
use super::table::{Address, Family, NoSeries, SampleLabels, Table, list};

/// One series by the handle that it is recorded through: what `with` of a counter, gauge or state gives, and the metric
/// itself where it has no labels. A histogram is several series, which [`count_of`], [`sum_of`] and [`bucket_of`] name.
///
/// A handle is checked when it compiles: a metric, a label or a label value that does not exist is no run-time error.
/// `with` of an open label value makes the series, if there was none; a counter read through it is then 0 and not absent.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name one series",
    label = "not one series",
    note = "a series is what `with` of a counter, gauge or state gives, and the metric itself where it has no labels",
    note = "those of a histogram are `testing::count_of(…)`, `testing::sum_of(…)` and `testing::bucket_of(…, bound)`",
    note = "a name stands before its labels, which are `()` where there are none"
)]
pub trait Series: sealed::Sealed {
    #[doc(hidden)]
    fn handle(&self) -> Handle;
}

/// Where a series is recorded.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Handle {
    source: Source,
    suffix: &'static str,
    /// The bound of a bucket.
    le: Option<f64>,
}

#[derive(Clone, Copy, Debug)]
enum Source {
    /// The first cell of the series, and how many cells one has.
    Cells(&'static Storage, usize, usize),
    /// A ratio without labels.
    Ratio(Address),
}

mod sealed {
    use super::{
        BucketOf, CountOf, Counter, CounterSeries, Gauge, GaugeSeries, Ratio, State, StateSeries,
        SumOf,
    };

    pub trait Sealed {}
    impl<T> Sealed for Counter<(), T> {}
    impl<T> Sealed for CounterSeries<T> {}
    impl<T> Sealed for Gauge<(), T> {}
    impl<T> Sealed for GaugeSeries<T> {}
    impl<E> Sealed for State<E> {}
    impl<E> Sealed for StateSeries<E> {}
    impl Sealed for Ratio {}
    impl Sealed for CountOf {}
    impl Sealed for SumOf {}
    impl Sealed for BucketOf {}
}

impl Handle {
    const fn of(storage: &'static Storage, cell: usize, width: usize) -> Self {
        Self {
            source: Source::Cells(storage, cell, width),
            suffix: "",
            le: None,
        }
    }

    /// Where its values come from, as a family has it.
    fn address(self) -> Address {
        match self.source {
            Source::Cells(storage, ..) => Address::of(storage),
            Source::Ratio(address) => address,
        }
    }

    /// The labels of the series, the constant ones left away.
    fn labels(self, family: &Family) -> Result<SampleLabels, NoSeries> {
        let mut labels = match (self.source, family.descriptor) {
            (Source::Cells(_, cell, _), _) if cell >= FOLDED => {
                return Err(NoSeries::from_message(format!(
                    "the series of this handle is one of those that metric `{}` has no room for\n\
                     note: what is recorded through it is counted in `other`, or refused by a gauge\n\
                     help: raise `max_series` of the metric or `max` of the label, or record fewer values",
                    family.name
                )));
            }
            (Source::Cells(storage, cell, width), Some(descriptor)) => {
                let series = cell / width;
                sample_labels(SeriesLabels {
                    constant: &[],
                    labels: descriptor.labels,
                    values: match storage.open() {
                        open if open.is_some() => open.values_of(series),
                        _ => LabelValues::Closed(series),
                    },
                })
            }
            _ => Vec::new(),
        };
        if let Some(bound) = self.le {
            labels.push(("le", bound_text(bound)));
        }
        Ok(labels)
    }
}

/// The name of a series and its labels.
pub(super) type Named = (String, SampleLabels);

impl Table {
    /// The series of a handle, as it is named.
    pub(super) fn named(&self, series: &impl Series) -> Result<Named, NoSeries> {
        let handle = series.handle();
        let address = handle.address();
        let family = self
            .families
            .iter()
            .find(|family| family.address == Some(address))
            .ok_or_else(|| self.not_here(address))?;
        let name = format!("{}{}", family.name, handle.suffix);
        Ok((name, handle.labels(family)?))
    }

    /// What is said of a metric that is not among these.
    fn not_here(&self, address: Address) -> NoSeries {
        let declared = LINKED_SETS.iter().find_map(|set| declared_at(set, address));
        let (metric, set) = declared.map_or_else(
            || ("the metric of this handle".to_owned(), "…"),
            |(metric, set)| (format!("metric `{metric}`"), set),
        );
        let mut message = format!("{metric} is not in what is read here");
        // But for those that the toolkit has of itself.
        let here = self
            .families
            .iter()
            .filter(|family| family.address.is_some());
        let names = here.map(|family| family.name.to_owned());
        list(&mut message, "the metrics here are", names);
        let _ = write!(
            message,
            "\nhelp: read a registry that has its set: `registry.register::<{set}>()?`"
        );
        NoSeries::from_message(message)
    }
}

/// The metric whose values come from there, and the set that declares it.
fn declared_at(set: &'static SetEntry, address: Address) -> Option<(&'static str, &'static str)> {
    let own = set
        .metrics
        .iter()
        .find(|metric| Address::of_source(metric.source) == Some(address));
    own.map(|metric| (metric.descriptor.name, set.descriptor.name))
        .or_else(|| set.nested.iter().find_map(|set| declared_at(set, address)))
}

fn bound_text(bound: f64) -> Cow<'static, str> {
    if bound == f64::INFINITY {
        return Cow::Borrowed("+Inf");
    }
    Cow::Owned(bound.to_string())
}

/// The series of a metric that has one.
macro_rules! sole {
    ($(<$($parameter:ident : $bound:path),*> $metric:ty)*) => {$(
        impl<$($parameter: $bound),*> Series for $metric {
            fn handle(&self) -> Handle {
                self.with(()).handle()
            }
        }
    )*};
}
sole! {
    <T: CounterNumber> Counter<(), T>
    <T: GaugeNumber> Gauge<(), T>
    <E: StateValue> State<E>
}

impl<T: CounterNumber> Series for CounterSeries<T> {
    fn handle(&self) -> Handle {
        let (storage, cell) = self.place();
        Handle::of(storage, cell, 1)
    }
}

impl<T: GaugeNumber> Series for GaugeSeries<T> {
    fn handle(&self) -> Handle {
        let (storage, cell) = self.place();
        Handle::of(storage, cell, 2)
    }
}

impl<E: StateValue> Series for StateSeries<E> {
    fn handle(&self) -> Handle {
        let (storage, cell) = self.place();
        Handle::of(storage, cell, 2)
    }
}

impl Series for Ratio {
    fn handle(&self) -> Handle {
        Handle {
            source: Source::Ratio(Address::of(self.source())),
            suffix: "",
            le: None,
        }
    }
}

/// A histogram's series with certain labels: what `with` of it gives, and the histogram itself where it has no labels.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the series of a histogram",
    label = "not a histogram's series",
    note = "it is what `with` of a histogram gives, and the histogram itself where it has no labels"
)]
pub trait Distribution: sealed_distribution::Sealed {
    #[doc(hidden)]
    fn handle(&self) -> Handle;
}

mod sealed_distribution {
    use super::{Histogram, HistogramSeries};

    pub trait Sealed {}
    impl<U> Sealed for Histogram<U> {}
    impl<U> Sealed for HistogramSeries<U> {}
}

impl<U: Unit> Distribution for Histogram<U> {
    fn handle(&self) -> Handle {
        self.with(()).handle()
    }
}

impl<U: Unit> Distribution for HistogramSeries<U> {
    fn handle(&self) -> Handle {
        let (storage, first, width) = self.place();
        Handle::of(storage, first, width)
    }
}

/// The series of a histogram that counts its observations: `…_count`.
#[derive(Clone, Copy, Debug)]
pub struct CountOf(Handle);

/// The series of a histogram that adds its observations up: `…_sum`.
#[derive(Clone, Copy, Debug)]
pub struct SumOf(Handle);

/// The series of a histogram that counts its observations up to a bound: `…_bucket`.
#[derive(Clone, Copy, Debug)]
pub struct BucketOf(Handle);

macro_rules! parts {
    ($($part:ident)*) => {$(
        impl Series for $part {
            fn handle(&self) -> Handle {
                self.0
            }
        }
    )*};
}
parts!(CountOf SumOf BucketOf);

/// How many values a histogram has, as the series `…_count`.
///
/// ```
/// use datapunk_metrics::testing::{Scope, assert_metric, bucket_of, count_of, sum_of};
/// use datapunk_metrics::{Histogram, MetricSet, Seconds};
/// use std::time::Duration;
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "sauna")]
/// struct SaunaMetrics {
///     /// Time spent in the heat.
///     #[metric(buckets = [60, 600])]
///     stay_duration_seconds: Histogram<Seconds>,
/// }
/// const STAY: Histogram<Seconds> = SaunaMetrics::METRICS.stay_duration_seconds;
///
/// let scope = Scope::begin();
/// STAY.observe(Duration::from_secs(90));
/// assert_metric!(in scope, count_of(STAY), == 1);
/// assert_metric!(in scope, sum_of(STAY), == 90);
/// assert_metric!(in scope, bucket_of(STAY, 60.0), == 0);
/// assert_metric!(in scope, bucket_of(STAY, f64::INFINITY), == 1);
/// ```
///
/// Which of them is meant has to be said:
///
/// ```compile_fail,E0277
/// # use datapunk_metrics::testing::assert_metric;
/// # use datapunk_metrics::{Histogram, MetricSet, Seconds};
/// # #[derive(MetricSet)]
/// # #[metrics(namespace = "sauna")]
/// # struct SaunaMetrics {
/// #     /// Time spent in the heat.
/// #     stay_duration_seconds: Histogram<Seconds>,
/// # }
/// assert_metric!(SaunaMetrics::METRICS.stay_duration_seconds, == 1);
/// ```
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "a handle is copied")]
pub fn count_of(histogram: impl Distribution) -> CountOf {
    CountOf(Handle {
        suffix: "_count",
        ..histogram.handle()
    })
}

/// The sum of a histogram's values, as the series `…_sum`; see [`count_of`].
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "a handle is copied")]
pub fn sum_of(histogram: impl Distribution) -> SumOf {
    SumOf(Handle {
        suffix: "_sum",
        ..histogram.handle()
    })
}

/// How many values a histogram has up to `bound`, as the series `…_bucket` of that bound; see [`count_of`]. The last
/// bound is `f64::INFINITY`.
#[must_use]
#[expect(clippy::needless_pass_by_value, reason = "a handle is copied")]
pub fn bucket_of(histogram: impl Distribution, bound: f64) -> BucketOf {
    BucketOf(Handle {
        suffix: "_bucket",
        le: Some(bound),
        ..histogram.handle()
    })
}
