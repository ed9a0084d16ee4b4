//! The table of a metric with open labels: which series it has, found without a lock.
//!
//! A *row* is one combination of open values. It has a series for each combination of closed values, which is claimed
//! when it is first needed, or with the row where the metric shows it from the start. Series are numbered as they are
//! claimed, so that their cells lie beside each other and cost what is in use. Rows and series are only ever added.
//!
//! Series [`OVERFLOW`] takes what has no room. It is the series whose labels are all [`OTHER`], and outside of the bound.
//!
//! `tests/models.rs` checks the bound in every order that the memory model allows.

use crate::numbers::{Chunk, Numbers};
use crate::sync::{AtomicU32, AtomicUsize, Lock, OnceRef, Ordering};

/// The value of an open label beyond its bound, and of every label of the overflow series.
pub(crate) const OTHER: &str = "other";

/// The series that takes what has no room.
pub(crate) const OVERFLOW: usize = 0;

/// How values are hashed.
pub(crate) trait HashValues {
    fn hash(&self, values: &[&str]) -> u64;
}

/// What bounds a table.
#[derive(Debug)]
pub(crate) struct Bounds {
    /// Series at most, the overflow series aside.
    pub(crate) series: usize,
    /// How many of these are kept for known rows.
    pub(crate) reserved: usize,
    /// Combinations of closed values.
    pub(crate) closed: usize,
    /// Those that each row has from the start.
    pub(crate) from_the_start: Box<[usize]>,
    /// The one in which every closed label is [`OTHER`], if they all have that value.
    pub(crate) other: Option<usize>,
    /// How many values each open label may have, if it has a bound of its own.
    pub(crate) labels: Box<[Option<usize>]>,
}

/// Why there is no row for some values, or no series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// An open label has as many values as it may have.
    Label(usize),
    /// The metric has as many series as it may have.
    Metric,
}

/// One combination of open values.
#[derive(Debug)]
pub(crate) struct Row {
    hash: u64,
    first: Box<str>,
    rest: Box<[Box<str>]>,
    is_known: bool,
    /// Whose row it is.
    owner: usize,
    /// Its series, by the combination of closed values.
    numbers: Numbers,
}

/// A value of an open label that has a bound of its own.
struct Value {
    hash: u64,
    text: Box<str>,
}

/// What is found by a hash.
pub(crate) struct Index<T: 'static> {
    /// A power of two, at most half of them in use.
    entries: Box<[OnceRef<'static, T>]>,
    used: AtomicUsize,
}

/// The values of an open label.
struct Values {
    index: Index<Value>,
    max: usize,
}

/// Which series has a number.
struct Claim {
    row: OnceRef<'static, Row>,
    closed: AtomicU32,
}

pub(crate) struct Table<H> {
    hasher: H,
    rows: Index<Row>,
    labels: Box<[Option<Values>]>,
    claims: Box<[Claim]>,
    /// How many numbers are given away, the overflow series included.
    next: AtomicUsize,
    /// Series of rows that were not known.
    strangers: AtomicUsize,
    lock: Lock,
    owner: usize,
    bounds: Bounds,
}

impl<T> Index<T> {
    pub(crate) fn new(room: usize) -> Self {
        let entries = (2 * room.max(1)).next_power_of_two();
        Self {
            entries: (0..entries).map(|_| OnceRef::new()).collect(),
            used: AtomicUsize::new(0),
        }
    }

    #[inline]
    pub(crate) fn find(&self, hash: u64, is_it: impl Fn(&T) -> bool) -> Option<&'static T> {
        let mask = self.entries.len() - 1;
        let mut at = position(hash, mask);
        loop {
            let entry = self.entries.get(at)?.get()?;
            if is_it(entry) {
                return Some(entry);
            }
            at = (at + 1) & mask;
        }
    }

    /// Adds what is not there. Called by one thread at a time, with room left.
    pub(crate) fn add(&self, hash: u64, item: &'static T) {
        let mask = self.entries.len() - 1;
        let mut at = position(hash, mask);
        while self.entries[at].set(item).is_err() {
            at = (at + 1) & mask;
        }
        self.used.store(self.len() + 1, Ordering::Relaxed);
    }

    pub(crate) fn len(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}

/// Where the search for a hash begins.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the low bits are enough")]
fn position(hash: u64, mask: usize) -> usize {
    hash as usize & mask
}

impl Row {
    fn new(hash: u64, values: &[&str], is_known: bool, owner: usize, bounds: &Bounds) -> Self {
        let (first, rest) = values.split_first().unwrap_or((&"", &[]));
        // Those that it has at once: nothing is allocated when they are claimed.
        let is_other = values.iter().all(|value| *value == OTHER);
        let overflow = bounds.other.filter(|_| is_other);
        let first_ones = bounds.from_the_start.iter().copied().chain(overflow);
        Self {
            hash,
            first: (*first).into(),
            rest: rest.iter().map(|value| (*value).into()).collect(),
            is_known,
            owner,
            numbers: Numbers::new(bounds.closed, first_ones),
        }
    }

    /// Its open values, in the order of their labels.
    pub(crate) fn values(&self) -> impl Iterator<Item = &str> {
        let rest = self.rest.iter().map(|value| &**value);
        [&*self.first].into_iter().chain(rest)
    }

    /// Whether it is a row of this metric.
    #[inline]
    pub(crate) fn is_of(&self, owner: usize) -> bool {
        self.owner == owner
    }

    /// The series with these closed values, if it is claimed.
    #[inline]
    pub(crate) fn series(&self, closed: usize) -> Option<usize> {
        self.numbers.get(closed)
    }

    #[inline]
    fn is(&self, hash: u64, values: &[&str]) -> bool {
        self.hash == hash && self.has(values)
    }

    /// Whether these are its values: one by one, so that `("ab", "c")` is not `("a", "bc")`.
    #[inline]
    pub(crate) fn has(&self, values: &[&str]) -> bool {
        let Some((first, rest)) = values.split_first() else {
            return false;
        };
        *self.first == **first
            && self
                .rest
                .iter()
                .zip(rest)
                .all(|(own, value)| **own == **value)
    }

    fn is_other(&self) -> bool {
        self.values().all(|value| value == OTHER)
    }
}

impl Values {
    fn has(&self, hash: u64, value: &str) -> bool {
        let is_it = |known: &Value| known.hash == hash && *known.text == *value;
        value == OTHER || self.index.find(hash, is_it).is_some()
    }

    fn is_full(&self) -> bool {
        self.index.len() >= self.max
    }
}

impl<H: HashValues> Table<H> {
    /// A table with a row for each of `known`, and room among the values of each label for those of `known_values`.
    pub(crate) fn new(
        hasher: H,
        owner: usize,
        bounds: Bounds,
        known_values: &[&[&str]],
        known: &[Vec<&str>],
    ) -> Self {
        let numbers = bounds.series + 1;
        let labels = bounds.labels.iter().map(|max| {
            max.map(|max| Values {
                index: Index::new(max),
                max,
            })
        });
        let table = Self {
            hasher,
            rows: Index::new(bounds.series + 2),
            labels: labels.collect(),
            claims: (0..numbers)
                .map(|_| Claim {
                    row: OnceRef::new(),
                    closed: AtomicU32::new(0),
                })
                .collect(),
            next: AtomicUsize::new(OVERFLOW + 1),
            strangers: AtomicUsize::new(0),
            lock: Lock::new(),
            owner,
            bounds,
        };
        for (label, values) in table.labels.iter().zip(known_values) {
            for value in *values {
                table.add_value(label.as_ref(), value);
            }
        }
        for values in known {
            let hash = table.hasher.hash(values);
            let row = Row::new(hash, values, true, owner, &table.bounds);
            let row = Box::leak(Box::new(row));
            table.rows.add(hash, row);
            table.claim_first(row);
        }
        table
    }

    fn add_value(&self, label: Option<&Values>, value: &str) {
        let Some(label) = label else { return };
        let hash = self.hasher.hash(&[value]);
        if !label.has(hash, value) {
            let text = value.into();
            label
                .index
                .add(hash, Box::leak(Box::new(Value { hash, text })));
        }
    }

    /// The row of these values, if there is one.
    #[inline]
    pub(crate) fn find(&self, values: &[&str]) -> Option<&'static Row> {
        let hash = self.hasher.hash(values);
        self.rows.find(hash, |row| row.is(hash, values))
    }

    /// The row of these values, which is added if there is room for it.
    ///
    /// Nothing is locked where there is none, and nothing is kept of the values.
    pub(crate) fn row(&self, values: &[&str]) -> Result<&'static Row, Refusal> {
        if let Some(row) = self.find(values) {
            return Ok(row);
        }
        let hash = self.hasher.hash(values);
        let hashes: Vec<u64> = values
            .iter()
            .map(|value| self.hasher.hash(&[value]))
            .collect();
        self.has_room(values, &hashes)?;
        // Nothing is allocated or freed while the lock is held: an allocator may record.
        let row = Row::new(hash, values, false, self.owner, &self.bounds);
        let mut row = Some(Box::new(row));
        let texts = self.labels.iter().zip(values.iter().zip(&hashes));
        let mut texts: Vec<Option<Box<Value>>> = texts
            .map(|(label, (value, hash))| {
                label.as_ref().map(|_| {
                    Box::new(Value {
                        hash: *hash,
                        text: (*value).into(),
                    })
                })
            })
            .collect();
        self.lock.hold(|| {
            if let Some(row) = self.rows.find(hash, |row| row.is(hash, values)) {
                return Ok(row);
            }
            self.has_room(values, &hashes)?;
            let Some(row) = row.take() else {
                return Err(Refusal::Metric);
            };
            for (label, text) in self.labels.iter().zip(&mut texts) {
                if let Some(label) = label
                    && let Some(value) = text.take_if(|text| !label.has(text.hash, &text.text))
                {
                    label.index.add(value.hash, Box::leak(value));
                }
            }
            let row: &'static Row = Box::leak(row);
            self.claim_first(row);
            self.rows.add(hash, row);
            Ok(row)
        })
    }

    fn has_room(&self, values: &[&str], hashes: &[u64]) -> Result<(), Refusal> {
        let labels = self.labels.iter().zip(values.iter().zip(hashes));
        for (at, (label, (value, hash))) in labels.enumerate() {
            if let Some(label) = label
                && label.is_full()
                && !label.has(*hash, value)
            {
                return Err(Refusal::Label(at));
            }
        }
        let is_overflow = self.bounds.closed == 1 && values.iter().all(|value| *value == OTHER);
        let needed = if is_overflow {
            0
        } else {
            self.bounds.from_the_start.len().max(1)
        };
        // One row of [`OTHER`] needs no series.
        if self.room() < needed || self.rows.len() > self.bounds.series {
            return Err(Refusal::Metric);
        }
        Ok(())
    }

    /// How many series rows that are not known may still claim.
    fn room(&self) -> usize {
        let bound = self.bounds.series - self.bounds.reserved;
        bound.saturating_sub(self.strangers.load(Ordering::Relaxed))
    }

    /// The series of a row with these closed values, which is claimed if there is room for it.
    pub(crate) fn series(&self, row: &'static Row, closed: usize) -> Result<usize, Refusal> {
        if let Some(series) = row.series(closed) {
            return Ok(series);
        }
        if closed >= self.bounds.closed || (!row.is_known && self.room() == 0) {
            return Err(Refusal::Metric);
        }
        let mut chunk = row.numbers.missing(closed);
        self.lock.hold(|| self.claim(row, closed, &mut chunk))
    }

    /// Claims what a row has from the start. Called by one thread at a time, like what it calls.
    fn claim_first(&self, row: &'static Row) {
        if row.is_other()
            && let Some(overflow) = self.bounds.other
        {
            row.numbers.set(overflow, OVERFLOW, &mut None);
        }
        for closed in &self.bounds.from_the_start {
            let _ = self.claim(row, *closed, &mut None);
        }
    }

    /// Claims a series of a row. `chunk` is what its number is kept in, if that is missing.
    fn claim(
        &self,
        row: &'static Row,
        closed: usize,
        chunk: &mut Option<Box<Chunk>>,
    ) -> Result<usize, Refusal> {
        if let Some(series) = row.series(closed) {
            return Ok(series);
        }
        if !row.is_known {
            if self.room() == 0 {
                return Err(Refusal::Metric);
            }
            let strangers = self.strangers.load(Ordering::Relaxed);
            self.strangers.store(strangers + 1, Ordering::Relaxed);
        }
        loop {
            let series = self.next.load(Ordering::Relaxed);
            let Some(claim) = self.claims.get(series) else {
                return Err(Refusal::Metric);
            };
            // It is taken if a fork happened in the midst of this.
            if claim.row.get().is_none() {
                claim.closed.store(short(closed), Ordering::Relaxed);
                let _ = claim.row.set(row);
                row.numbers.set(closed, series, chunk);
                self.next.store(series + 1, Ordering::Release);
                return Ok(series);
            }
            self.next.store(series + 1, Ordering::Release);
        }
    }

    /// How many series there are, the overflow series included: the numbers below.
    pub(crate) fn len(&self) -> usize {
        self.next.load(Ordering::Acquire)
    }

    /// The row and the position of the closed values of a series; none of the overflow series.
    pub(crate) fn labels_of(&self, series: usize) -> Option<(&'static Row, usize)> {
        let claim = self.claims.get(series)?;
        let row = claim.row.get()?;
        let closed = claim.closed.load(Ordering::Relaxed) as usize;
        (row.series(closed) == Some(series)).then_some((row, closed))
    }

    /// How many different values the rows have in an open label.
    pub(crate) fn values_of(&self, label: usize) -> usize {
        let rows = self.rows.entries.iter().filter_map(OnceRef::get);
        let mut values: Vec<&str> = rows.filter_map(|row| row.values().nth(label)).collect();
        values.sort_unstable();
        values.dedup();
        values.len()
    }
}

/// A combination of closed values as claims keep it.
#[expect(
    clippy::cast_possible_truncation,
    reason = "a table has fewer combinations than that"
)]
fn short(closed: usize) -> u32 {
    closed as u32
}

impl<H> core::fmt::Debug for Table<H> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Table")
            .field("bounds", &self.bounds)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}
