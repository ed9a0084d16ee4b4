//! Where a recorded value lives: the cells of one metric.
//!
//! Every metric owns one static [`Storage`]. Handles and series carry a reference to it and an index, and record
//! through the methods below alone, so that how a value is kept can change without touching a handle.

use core::sync::atomic::{AtomicU64, Ordering};

/// One recorded number: an integer, or the bits of an `f64`.
pub type Cell = AtomicU64;

/// How the cells of a metric are numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Number {
    /// Unsigned integers.
    Unsigned,
    /// Signed integers in two's complement.
    Signed,
    /// `f64` bits.
    Float,
}

/// The static cells of one metric, with what it counts about itself.
///
/// `C` is `[Cell; N]` in the static and `[Cell]` behind a handle.
#[derive(Debug)]
#[repr(C)]
pub struct Storage<C: ?Sized = [Cell]> {
    /// Samples that were refused: not a number, or negative where that has no meaning.
    refused: AtomicU64,
    /// Samples that were clamped to the largest value that is counted exactly.
    clamped: AtomicU64,
    cells: C,
}

impl<const N: usize> Storage<[Cell; N]> {
    /// Cells that all start at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            refused: AtomicU64::new(0),
            clamped: AtomicU64::new(0),
            cells: [const { AtomicU64::new(0) }; N],
        }
    }

    /// Gauge cells (value, presence) whose values start at `bits`.
    #[must_use]
    pub const fn starting_at(bits: u64) -> Self {
        let mut storage = Self::new();
        let mut cell = 0;
        while cell < N {
            storage.cells[cell] = AtomicU64::new(bits);
            cell += 2;
        }
        storage
    }
}

impl<const N: usize> Default for Storage<[Cell; N]> {
    fn default() -> Self {
        Self::new()
    }
}

impl Storage {
    /// The number of cells.
    #[inline]
    #[must_use]
    pub const fn len(&self) -> usize {
        self.cells.len()
    }

    /// Whether there are no cells, as for values that are read at scrape time.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// Adds `n` to a cell of unsigned integers.
    #[inline]
    pub(crate) fn add(&'static self, cell: usize, n: u64) {
        match self.cells.get(cell) {
            Some(cell) => {
                cell.fetch_add(n, Ordering::Relaxed);
            }
            None => self.count_refused(),
        }
    }

    /// Adds `x` to a cell of `f64` bits.
    #[inline]
    pub(crate) fn add_f64(&'static self, cell: usize, x: f64) {
        match self.cells.get(cell) {
            Some(cell) => add_f64(cell, x),
            None => self.count_refused(),
        }
    }

    /// Records one observation: one more in the cell `bucket`, `value` added to the cell `sum`.
    #[inline]
    pub(crate) fn observe(&'static self, bucket: usize, sum: usize, value: u64) {
        self.add(bucket, 1);
        self.add(sum, value);
    }

    /// Records one observation whose sum is kept as `f64` bits.
    #[inline]
    pub(crate) fn observe_f64(&'static self, bucket: usize, sum: usize, value: f64) {
        self.add(bucket, 1);
        self.add_f64(sum, value);
    }

    /// A cell that all threads share, for values that are set as well as added to.
    #[inline]
    pub(crate) fn shared(&'static self, cell: usize) -> Option<&'static Cell> {
        self.cells.get(cell)
    }

    /// Counts a sample that was refused.
    #[cold]
    pub(crate) fn count_refused(&self) {
        self.refused.fetch_add(1, Ordering::Relaxed);
    }

    /// Counts a sample that was clamped.
    #[cold]
    pub(crate) fn count_clamped(&self) {
        self.clamped.fetch_add(1, Ordering::Relaxed);
    }

    /// Samples refused so far.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// Samples clamped so far.
    #[must_use]
    pub fn clamped(&self) -> u64 {
        self.clamped.load(Ordering::Relaxed)
    }

    /// The value of one cell now.
    pub(crate) fn read(&self, cell: usize) -> u64 {
        self.cells
            .get(cell)
            .map_or(0, |cell| cell.load(Ordering::Acquire))
    }

    /// Reads every cell into `values`, replacing what is there.
    pub(crate) fn read_into(&self, values: &mut Vec<u64>) {
        values.clear();
        values.extend(self.cells.iter().map(|cell| cell.load(Ordering::Acquire)));
    }
}

/// Adds `x` to a shared cell of `f64` bits.
#[inline]
pub(crate) fn add_f64(cell: &Cell, x: f64) {
    let mut seen = cell.load(Ordering::Relaxed);
    loop {
        let sum = (f64::from_bits(seen) + x).to_bits();
        match cell.compare_exchange_weak(seen, sum, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => return,
            Err(now) => seen = now,
        }
    }
}
