//! What this thread records.

use core::marker::PhantomData;
use core::sync::atomic::Ordering;
use std::borrow::Cow;

use datapunk_metrics_conventions::Kind;

use super::snapshot::sample_labels;
use super::table::{Address, Family, Table, Unseen};
use super::{Difference, Samples, lookups};
use crate::cells::{Cell, Number, Storage};
use crate::collect::{HistogramValue, LabelValues, SeriesLabels, Value};
use crate::descriptor::MetricDescriptor;
use crate::set::{LINKED_SETS, MetricEntry, MetricSet, SetEntry, Source};
use crate::slab::Place;
use crate::thread;
use crate::unit::EncodingKind;

/// What this thread records from [`begin`](Self::begin) on, in counters and histograms.
///
/// A thread counts in cells of its own, and the scope compares those, so tests that run at the same time do not disturb
/// each other. It can't leave its thread.
///
/// ```
/// use datapunk_metrics::testing::{Scope, assert_metric};
/// use datapunk_metrics::{Counter, MetricSet};
/// use std::thread;
///
/// #[derive(MetricSet)]
/// #[metrics(namespace = "choir")]
/// struct ChoirMetrics {
///     /// Songs sung.
///     songs_sung_total: Counter,
/// }
/// fn sing() { ChoirMetrics::METRICS.songs_sung_total.inc() }
///
/// let scope = Scope::begin();
/// thread::spawn(sing).join().unwrap();
/// sing();
/// assert_metric!(in scope, "choir_songs_sung_total", (), == 1);
/// assert_eq!(scope.changes().to_string(), "choir_songs_sung_total +1\n");
/// ```
///
/// ```compile_fail,E0277
/// # use datapunk_metrics::testing::Scope;
/// let scope = Scope::begin();
/// std::thread::spawn(move || scope.changes());
/// ```
///
/// # Gauges
///
/// A gauge or state is one value for all threads, and ratios and scrape-time values are calculated from what all of
/// them did. A scope refuses to read them, instead of showing a change that another test may have made.
///
/// # Tasks that move
///
/// What an async task records belongs to the thread that polls it at that moment. On a runtime of one thread, such as
/// that of `#[tokio::test]` by default, that is the thread of the test. On several threads a spawned task is polled
/// elsewhere, as is the work of `spawn_blocking`, and a scope does not see it.
///
/// # Floats
///
/// A total or sum of `f64` is compared with what the thread had counted before, so the change is as exact as the
/// difference of the two.
pub struct Scope {
    metrics: Vec<Own>,
    /// A scope stays on its thread.
    thread: PhantomData<*const ()>,
}

lookups!(Scope, "change");

/// One metric, with what this thread had counted in it.
struct Own {
    descriptor: &'static MetricDescriptor,
    /// Its cells when the scope began, or why there are none.
    before: Result<Vec<u64>, Unseen>,
    source: &'static Source,
}

/// How often another thread that gives the metrics their places is waited for.
const TRIES: usize = 10_000;

impl Scope {
    /// Begins to look at all sets that are linked into the program.
    ///
    /// # Panics
    ///
    /// If the thread has no cells of its own, because it is ending or there is no memory for them.
    #[must_use]
    #[track_caller]
    pub fn begin() -> Self {
        let metrics = LINKED_SETS.iter().flat_map(|set| set.metrics).collect();
        Self::over(metrics)
    }

    /// Begins to look at one set and the sets that it holds, linked or not.
    ///
    /// # Panics
    ///
    /// As [`begin`](Self::begin).
    #[must_use]
    #[track_caller]
    pub fn of<S: MetricSet>() -> Self {
        let mut metrics = Vec::new();
        add_set(S::ENTRY, &mut metrics);
        Self::over(metrics)
    }

    #[track_caller]
    fn over(mut metrics: Vec<&'static MetricEntry>) -> Self {
        let Some(slab) = own_slab() else {
            panic!(
                "this thread has no cells of its own to look at\n\
                 note: a thread that is ending has none, nor has one that there was no memory for"
            );
        };
        metrics.sort_by_key(|metric| metric.descriptor.name);
        metrics.dedup_by(|left, right| core::ptr::eq(*left, *right));
        let metrics = metrics
            .into_iter()
            .map(|metric| Own {
                descriptor: metric.descriptor,
                before: own_cells(metric.descriptor, &metric.source, slab),
                source: &metric.source,
            })
            .collect();
        Self {
            metrics,
            thread: PhantomData,
        }
    }

    /// What this thread recorded so far.
    #[must_use]
    pub fn changes(&self) -> Difference {
        let slab = thread::slab().unwrap_or_default();
        let families = self.metrics.iter().map(|own| own.family(slab)).collect();
        Difference::of_changes(Table { families })
    }
}

impl Samples for Scope {
    fn table(&self) -> Result<Cow<'_, Table>, String> {
        Ok(Cow::Owned(self.changes().into_table()))
    }
}

/// What this thread recorded so far: a failing test prints this.
impl core::fmt::Debug for Scope {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        core::fmt::Display::fmt(&self.changes(), f)
    }
}

fn add_set(set: &'static SetEntry, metrics: &mut Vec<&'static MetricEntry>) {
    thread::give_places(set.metrics);
    metrics.extend(set.metrics);
    for nested in set.nested {
        add_set(nested, metrics);
    }
}

/// The cells that this thread writes alone. They are leased here, because a slab comes with the counts of the threads
/// that had it before.
fn own_slab() -> Option<&'static [Cell]> {
    for _ in 0..TRIES {
        let slab = thread::lease();
        if slab.is_some() {
            return slab;
        }
        std::thread::yield_now();
    }
    None
}

/// What this thread has counted in a metric.
fn own_cells(
    descriptor: &MetricDescriptor,
    source: &Source,
    slab: &[Cell],
) -> Result<Vec<u64>, Unseen> {
    let Source::Cells(storage) = source else {
        return Err(Unseen::Shared);
    };
    if !matches!(descriptor.kind, Kind::Counter | Kind::Histogram) {
        return Err(Unseen::Shared);
    }
    let own = cells_in(storage, slab).ok_or(Unseen::NoCells)?;
    // The thread itself is the only writer.
    Ok(own
        .iter()
        .map(|cell| cell.load(Ordering::Relaxed))
        .collect())
}

fn cells_in<'a>(storage: &Storage, slab: &'a [Cell]) -> Option<&'a [Cell]> {
    let place = storage.place().get();
    let has_place = place != Place::NONE;
    has_place.then(|| slab.get(place..place + storage.len()))?
}

impl Own {
    fn family(&self, slab: &[Cell]) -> Family {
        let address = Address::of_source(*self.source);
        let mut family = Family::of(self.descriptor, address);
        let now = own_cells(self.descriptor, self.source, slab);
        let (before, now) = match (&self.before, now) {
            (Ok(before), Ok(now)) => (before, now),
            (Err(unseen), _) => {
                family.unseen = Some(*unseen);
                return family;
            }
            (_, Err(unseen)) => {
                family.unseen = Some(unseen);
                return family;
            }
        };
        let cells = self.descriptor.layout().cells;
        let series = now.chunks_exact(cells).zip(before.chunks_exact(cells));
        for (index, (now, before)) in series.enumerate() {
            let labels = sample_labels(SeriesLabels {
                constant: self.descriptor.constant_labels,
                labels: self.descriptor.labels,
                values: self.labels_of(index),
            });
            if self.descriptor.kind == Kind::Histogram {
                self.push_histogram(&mut family, &labels, now, before);
            } else {
                let value = match self.descriptor.number {
                    Number::Float => float_change(now[0], before[0]),
                    _ => Value::Unsigned(now[0].wrapping_sub(before[0])),
                };
                family.push(labels, value.as_f64());
            }
        }
        family
    }

    /// The values of the labels of a series.
    fn labels_of(&self, index: usize) -> LabelValues<'static> {
        match self.source {
            Source::Cells(storage) if storage.open().is_some() => storage.open().values_of(index),
            _ => LabelValues::Closed(index),
        }
    }

    fn push_histogram(
        &self,
        family: &mut Family,
        labels: &super::table::SampleLabels,
        now: &[u64],
        before: &[u64],
    ) {
        let changes: Vec<u64> = now
            .iter()
            .zip(before)
            .map(|(now, before)| now.wrapping_sub(*before))
            .collect();
        let Some((sum, buckets)) = changes.split_last() else {
            return;
        };
        let last = buckets.len();
        let sum = match self.descriptor.encoding {
            EncodingKind::Nanoseconds => Value::Nanoseconds(*sum),
            EncodingKind::Whole => Value::Unsigned(*sum),
            EncodingKind::Float => float_change(now[last], before[last]),
        };
        family.push_histogram(labels, HistogramValue { buckets, sum });
    }
}

fn float_change(now: u64, before: u64) -> Value {
    Value::Float(f64::from_bits(now) - f64::from_bits(before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metric::{Counter, Metric};

    #[test]
    fn a_metric_without_cells_on_this_thread_is_refused_not_zero() {
        static CELLS: Storage<[Cell; 100_000]> = Storage::new();
        static LATE: [MetricEntry; 1] = [MetricEntry {
            descriptor: &MetricDescriptor {
                name: "late_visits_total",
                ..<Counter as Metric>::DESCRIPTOR
            },
            former: None,
            source: Source::Cells(&CELLS),
        }];
        assert!(own_slab().is_some());
        thread::give_places(&LATE);
        let scope = Scope::over(vec![&LATE[0]]);
        let error = scope
            .find("late_visits_total", ())
            .expect_err("there are no cells");
        assert_eq!(
            error.to_string(),
            "counter `late_visits_total` is not seen by a scope of this thread\n\
             note: the thread has no cells of its own for it, because its set was not registered before the \
             thread's first recording, and was too large for the room behind\n\
             help: register the set first"
        );
    }
}
