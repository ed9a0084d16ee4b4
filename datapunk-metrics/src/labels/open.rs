//! Open labels of one metric: from borrowed values to the position of a series.

mod build;
mod hashed;
mod row;
mod site;

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::borrow::Cow;

use once_cell::race::OnceRef;

use crate::collect::LabelValues;
use crate::descriptor::MetricDescriptor;
use crate::privacy::mask;
use crate::table::{OTHER, Refusal, Table};

use build::{open_labels, table};
pub(crate) use hashed::Hashed;
pub(crate) use row::OpenRow;
use row::Position;
#[doc(hidden)]
pub use site::Literal;

/// What is known of an open label at compile time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OpenLabel {
    /// How many values it may have, `known` ones included; further ones become `other`. Without it, the series of the
    /// metric alone are bounded.
    pub max: Option<usize>,
    /// Values that always have a place.
    pub known: &'static [&'static str],
    /// The length in bytes at which a value is cut.
    pub max_bytes: usize,
    /// Whether it shows less than the value that it stands for, so that it may stand for somebody.
    pub reduced: bool,
}

impl OpenLabel {
    /// The length at which a value is cut, unless the label says otherwise.
    pub const MAX_BYTES: usize = 256;
}

/// Added to the cell of a recording that was folded into another series, so that it lies behind the end of the cells:
/// what looks for the end anyway needs no other look.
pub(crate) const FOLDED: usize = 1 << (usize::BITS - 2);

/// The open labels of a metric, and what they count about themselves. Those of a metric without any are never used.
pub(crate) struct Open {
    descriptor: Option<&'static MetricDescriptor>,
    table: OnceRef<'static, Table<Hashed>>,
    /// Samples that another series took.
    folded: AtomicU64,
    /// Values that were masked.
    masked: AtomicU64,
    /// Values that were cut.
    cut: AtomicU64,
    /// Whether it was said that there is no room.
    is_warned: AtomicBool,
}

/// Of atomics, which a panic leaves in order.
impl std::panic::RefUnwindSafe for Open {}

impl core::fmt::Debug for Open {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Open")
            .field("table", &self.table.get())
            .finish_non_exhaustive()
    }
}

impl Open {
    pub(crate) const fn none() -> Self {
        Self {
            descriptor: None,
            table: OnceRef::new(),
            folded: AtomicU64::new(0),
            masked: AtomicU64::new(0),
            cut: AtomicU64::new(0),
            is_warned: AtomicBool::new(false),
        }
    }

    pub(crate) const fn of(descriptor: &'static MetricDescriptor) -> Self {
        let mut open = Self::none();
        if descriptor.is_open() {
            open.descriptor = Some(descriptor);
        }
        open
    }

    /// The table, if the metric has open labels. It is made on first use.
    pub(crate) fn table(&self) -> Option<&'static Table<Hashed>> {
        if let Some(table) = self.table.get() {
            return Some(table);
        }
        let descriptor = self.descriptor?;
        let table = Box::leak(Box::new(table(descriptor, self.owner())));
        // Where two threads are at it, the second table stays unused.
        let _ = self.table.set(table);
        self.table.get()
    }

    /// What tells the rows of this metric from those of others.
    #[inline]
    fn owner(&self) -> usize {
        core::ptr::from_ref(self).addr()
    }

    /// How many series there are, the overflow series aside.
    pub(crate) fn series(&self) -> u64 {
        self.table().map_or(0, |table| table.len() as u64 - 1)
    }

    /// Whether a series is there before it is recorded: the overflow series is not.
    pub(crate) fn is_shown(&self, series: usize) -> bool {
        self.table()
            .is_some_and(|table| table.labels_of(series).is_some())
    }

    /// The label values of a series.
    pub(crate) fn values_of(&self, series: usize) -> LabelValues<'static> {
        let labels = self.table().and_then(|table| table.labels_of(series));
        labels.map_or(LabelValues::Other, |(row, closed)| {
            LabelValues::Open(row, closed)
        })
    }

    pub(crate) fn is_some(&self) -> bool {
        self.descriptor.is_some()
    }

    pub(crate) fn folded(&self) -> u64 {
        self.folded.load(Ordering::Relaxed)
    }

    pub(crate) fn masked(&self) -> u64 {
        self.masked.load(Ordering::Relaxed)
    }

    pub(crate) fn cut(&self) -> u64 {
        self.cut.load(Ordering::Relaxed)
    }

    /// Counts a recording that another series takes.
    pub(crate) fn count_folded(&self) {
        self.folded.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether values beyond a bound are folded into `other`. A gauge's are dropped: the last of several values says
    /// nothing of the others.
    fn folds(&self) -> bool {
        self.descriptor.is_some_and(MetricDescriptor::adds_up)
    }

    /// The position of a series that is not found at once, in units of a series; [`FOLDED`] is added if it is another.
    #[cold]
    #[inline(never)]
    fn find_elsewhere(&self, values: &mut [&str], closed: usize) -> Position {
        let row = self.resolve(values);
        row.series(self, closed)
    }

    /// As [`find_elsewhere`](Self::find_elsewhere); the row is remembered, unless it is another.
    #[cold]
    #[inline(never)]
    fn find_literal(
        &self,
        literal: &'static Literal,
        values: &mut [&str],
        closed: usize,
    ) -> Position {
        let row = self.resolve(values);
        if let (Some(own), 0) = (row.row, row.folded) {
            let _ = literal.0.set(own);
        }
        row.series(self, closed)
    }

    /// The row of open values as they are recorded.
    #[cold]
    #[inline(never)]
    fn resolve(&self, values: &mut [&str]) -> OpenRow {
        let (Some(descriptor), Some(table)) = (self.descriptor, self.table()) else {
            return OpenRow::OVERFLOW;
        };
        let Some(_once) = Once::begin() else {
            return OpenRow::OVERFLOW;
        };
        let labels = open_labels(descriptor);
        let mut owned: Vec<Cow<'_, str>> = values.iter().map(|value| mask(value)).collect();
        let masked = owned.iter().filter(|value| matches!(value, Cow::Owned(_)));
        self.masked
            .fetch_add(masked.count() as u64, Ordering::Relaxed);
        for (value, (_, label)) in owned.iter_mut().zip(labels) {
            if value.len() > label.max_bytes {
                self.cut.fetch_add(1, Ordering::Relaxed);
                cut(value, label.max_bytes);
            }
        }
        let mut values: Vec<&str> = owned.iter().map(AsRef::as_ref).collect();
        let mut folded = 0;
        loop {
            match table.row(&values) {
                Ok(row) => {
                    return OpenRow {
                        row: Some(row),
                        folded,
                    };
                }
                Err(refusal) => {
                    self.warn(descriptor, table, refusal);
                    match refusal {
                        Refusal::Label(label) if self.folds() => {
                            values[label] = OTHER;
                            folded = FOLDED;
                        }
                        _ => return OpenRow::OVERFLOW,
                    }
                }
            }
        }
    }

    /// Says once that there is no room, and of which label there are the most values.
    fn warn(&self, descriptor: &MetricDescriptor, table: &Table<Hashed>, refusal: Refusal) {
        if self.is_warned.swap(true, Ordering::Relaxed) {
            return;
        }
        let labels = open_labels(descriptor).enumerate();
        let worst = match refusal {
            Refusal::Label(label) => Some((label, table.values_of(label))),
            Refusal::Metric => labels
                .map(|(at, _)| (at, table.values_of(at)))
                .max_by_key(|(_, values)| *values),
        };
        let Some((at, values)) = worst else { return };
        let label = open_labels(descriptor).nth(at).map_or("", |(name, _)| name);
        warning(descriptor, label, values, self.folds());
    }
}

/// Writes the warning that a metric has no room.
#[cfg(feature = "tracing")]
fn warning(descriptor: &MetricDescriptor, label: &str, values: usize, folds: bool) {
    tracing::warn!(
        metric = descriptor.name,
        label,
        values,
        max_series = descriptor.max_series,
        "metric `{}` has no room for more series; further values of its labels are {}. Label `{label}` has the most \
         values: {values}",
        descriptor.name,
        if folds {
            "counted as `other`"
        } else {
            "dropped and counted as refused"
        },
    );
}

/// Nobody to write it for; the own metrics tell it.
#[cfg(not(feature = "tracing"))]
fn warning(_: &MetricDescriptor, _: &str, _: usize, _: bool) {}

/// Set while a row is added, which may record when the allocator is instrumented or the warning is counted.
struct Once;

thread_local! {
    static IS_ADDING: core::cell::Cell<bool> = const { core::cell::Cell::new(false) };
}

impl Once {
    fn begin() -> Option<Self> {
        (!IS_ADDING.replace(true)).then_some(Self)
    }
}

impl Drop for Once {
    fn drop(&mut self) {
        IS_ADDING.set(false);
    }
}

/// Cuts a value between two characters.
fn cut(value: &mut Cow<'_, str>, max_bytes: usize) {
    let end = value.floor_char_boundary(max_bytes);
    match value {
        Cow::Borrowed(text) => *text = &text[..end],
        Cow::Owned(text) => text.truncate(end),
    }
}
