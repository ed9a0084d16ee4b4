//! Open labels of one metric: from borrowed values to the position of a series.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::borrow::Cow;
use std::hash::{BuildHasher, Hasher, RandomState};

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;
use once_cell::race::OnceRef;

use super::{LabelDescriptor, LabelSet};
use crate::cells::Storage;
use crate::collect::LabelValues;
use crate::descriptor::MetricDescriptor;
use crate::privacy::mask;
use crate::table::{Bounds, HashValues, OTHER, OVERFLOW, Refusal, Row, Table};

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

/// The hash of values, different in each process: values may come from outside, who must not know what collides.
pub(crate) struct Hashed(SharedSeed);

impl Hashed {
    pub(crate) fn new() -> Self {
        static SEED: AtomicU64 = AtomicU64::new(0);
        let seed = SEED.load(Ordering::Relaxed);
        if seed != 0 {
            return Self(SharedSeed::from_u64(seed));
        }
        let random = RandomState::new().hash_one(0) | 1;
        let first = SEED.compare_exchange(0, random, Ordering::Relaxed, Ordering::Relaxed);
        Self(SharedSeed::from_u64(match first {
            Ok(_) => random,
            Err(other) => other,
        }))
    }
}

impl HashValues for Hashed {
    #[inline]
    fn hash(&self, values: &[&str]) -> u64 {
        let mut hasher = FoldHasher::with_seed(0, &self.0);
        for value in values {
            // It mixes the length in.
            hasher.write(value.as_bytes());
        }
        hasher.finish()
    }
}

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

/// The position of a series among the metric's own, and [`FOLDED`] if it is that of another.
#[derive(Clone, Copy)]
struct Position {
    series: usize,
    folded: usize,
}

/// A row, or the overflow series in the place of one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OpenRow {
    row: Option<&'static Row>,
    /// [`FOLDED`] if its values are not those that were asked for.
    folded: usize,
}

impl OpenRow {
    const OVERFLOW: Self = Self {
        row: None,
        folded: FOLDED,
    };

    /// Its open values, `other` those of the overflow series.
    pub(crate) fn copy_values(self, values: &mut [&'static str]) {
        values.fill(OTHER);
        let own = self.row.into_iter().flat_map(Row::values);
        for (value, own) in values.iter_mut().zip(own) {
            *value = own;
        }
    }

    /// Its series with these closed values.
    #[inline]
    fn series(self, open: &Open, closed: usize) -> Position {
        match self.row.and_then(|row| row.series(closed)) {
            Some(series) => Position {
                series,
                folded: self.folded,
            },
            None => self.claim(open, closed),
        }
    }

    #[cold]
    #[inline(never)]
    fn claim(self, open: &Open, closed: usize) -> Position {
        let overflow = Position {
            series: OVERFLOW,
            folded: FOLDED,
        };
        let (Some(row), Some(table), Some(descriptor)) = (self.row, open.table(), open.descriptor)
        else {
            return overflow;
        };
        match table.series(row, closed) {
            Ok(series) => Position {
                series,
                folded: self.folded,
            },
            Err(refusal) => {
                open.warn(descriptor, table, refusal);
                overflow
            }
        }
    }
}

/// The row of the literals at a call site; none until it is first recorded.
#[doc(hidden)]
pub struct Literal(OnceRef<'static, Row>);

impl Literal {
    #[must_use]
    #[expect(clippy::new_without_default, reason = "it is a static's")]
    pub const fn new() -> Self {
        Self(OnceRef::new())
    }
}

impl core::fmt::Debug for Literal {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_tuple("Literal").field(&self.0.get()).finish()
    }
}

impl Storage {
    /// The first cell of the series with these labels, `width` cells each.
    #[inline]
    pub(crate) fn cell<L: LabelSet>(&'static self, labels: L::Of<'_>, width: usize) -> usize {
        let closed = L::index(labels);
        if !L::IS_OPEN {
            return width * closed;
        }
        let mut values = L::open(labels);
        if let Some(table) = self.open().table.get()
            && let Some(row) = table.find(values.as_ref())
            && let Some(series) = row.series(closed)
        {
            return width * series;
        }
        let position = self.open().find_elsewhere(values.as_mut(), closed);
        width * position.series + position.folded
    }

    /// The same, where the open values are the same each time, as they are literals.
    #[inline]
    pub(crate) fn cell_of_literal<L: LabelSet>(
        &'static self,
        literal: &'static Literal,
        labels: L::Of<'_>,
        width: usize,
    ) -> usize {
        let closed = L::index(labels);
        if !L::IS_OPEN {
            return width * closed;
        }
        // A generic call site may record in several metrics.
        if let Some(row) = literal.0.get()
            && row.is_of(self.open().owner())
            && let Some(series) = row.series(closed)
        {
            return width * series;
        }
        let position = self
            .open()
            .find_literal(literal, L::open(labels).as_mut(), closed);
        width * position.series + position.folded
    }

    /// The same, where the open values are the same each time, as a rule: the row is that of the last time if it has
    /// them.
    #[inline]
    pub(crate) fn cell_of_route<L: LabelSet>(
        &'static self,
        last: &'static Literal,
        labels: L::Of<'_>,
        width: usize,
    ) -> usize {
        let closed = L::index(labels);
        let mut values = L::open(labels);
        if let Some(row) = last.0.get()
            && row.is_of(self.open().owner())
            && row.has(values.as_ref())
            && let Some(series) = row.series(closed)
        {
            return width * series;
        }
        if let Some(table) = self.open().table.get()
            && let Some(row) = table.find(values.as_ref())
            && let Some(series) = row.series(closed)
        {
            let _ = last.0.set(row);
            return width * series;
        }
        let position = self.open().find_elsewhere(values.as_mut(), closed);
        width * position.series + position.folded
    }

    /// The row of these open values.
    pub(crate) fn resolve<L: LabelSet>(&'static self, mut values: L::Open<'_>) -> OpenRow {
        self.open().resolve(values.as_mut())
    }

    /// The first cell of a row's series with these closed values, `width` cells each.
    #[inline]
    pub(crate) fn cell_of_row(&'static self, row: OpenRow, closed: usize, width: usize) -> usize {
        let position = row.series(self.open(), closed);
        width * position.series + position.folded
    }
}

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

/// The open labels of a metric, by name.
pub(crate) fn open_labels(
    descriptor: &MetricDescriptor,
) -> impl Iterator<Item = (&'static str, OpenLabel)> {
    let labels: &'static [LabelDescriptor] = descriptor.labels;
    labels
        .iter()
        .filter_map(|label| label.open.map(|open| (label.name, open)))
}

/// Cuts a value between two characters.
fn cut(value: &mut Cow<'_, str>, max_bytes: usize) {
    let end = value.floor_char_boundary(max_bytes);
    match value {
        Cow::Borrowed(text) => *text = &text[..end],
        Cow::Owned(text) => text.truncate(end),
    }
}

fn table(descriptor: &'static MetricDescriptor, owner: usize) -> Table<Hashed> {
    let labels: Vec<OpenLabel> = open_labels(descriptor).map(|(_, label)| label).collect();
    let closed = descriptor.cardinality();
    let shown = descriptor.shown_from_the_start();
    let mut closed_labels = descriptor
        .labels
        .iter()
        .filter(|label| label.open.is_none());
    let other = closed_labels.try_fold(0, |index, label| {
        let other = label.values.iter().position(|value| *value == OTHER)?;
        Some(index * label.values.len() + other)
    });
    let known_values: Vec<&[&str]> = labels.iter().map(|label| label.known).collect();
    Table::new(
        Hashed::new(),
        owner,
        Bounds {
            series: descriptor.max_label_sets(),
            reserved: descriptor.known_rows() * closed,
            closed,
            from_the_start: (0..closed)
                .filter(|index| shown.get(*index).copied().unwrap_or(true))
                .collect(),
            other,
            labels: labels.iter().map(|label| label.max).collect(),
        },
        &known_values,
        &combinations(&known_values),
    )
}

/// Every combination of one value of each label; none where a label has none.
fn combinations<'a>(labels: &[&[&'a str]]) -> Vec<Vec<&'a str>> {
    labels.iter().fold(vec![Vec::new()], |rows, values| {
        let extended = rows.iter().flat_map(|row| {
            values
                .iter()
                .map(move |value| row.iter().copied().chain([*value]).collect())
        });
        extended.collect()
    })
}
