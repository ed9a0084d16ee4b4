//! Where a recorded value lives: the cells of one metric.
//!
//! Every metric owns one static [`Storage`]. Handles and series carry a reference to it and an index, and record
//! through the methods below alone, so that how a value is kept can change without touching a handle.
//!
//! Counters and histograms are recorded in the thread's own [`slab`], at the place that the storage was given there, and
//! in the storage's shared cells where there is no such place: on a thread that is ending, while the thread's slab is
//! being made, or for a set that came when the slabs were full. Gauges and states are set as well as added to, so all
//! their values are in the shared cells. What is read is the sum of all.

mod read;

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use crate::descriptor::MetricDescriptor;
use crate::labels::{FOLDED, Open};
use crate::slab::{self, Place};
use crate::thread;
use crate::unplaced::Note;

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

/// The cells of one series.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Layout {
    /// How many there are.
    pub(crate) cells: usize,
    /// Whether the last one holds `f64` bits. All others are integers.
    pub(crate) ends_in_float: bool,
}

/// The static cells of one metric, with what it counts about itself.
///
/// `C` is `[Cell; N]` in the static and `[Cell]` behind a handle.
#[derive(Debug)]
#[repr(C)]
pub struct Storage<C: ?Sized = [Cell]> {
    /// Where the metric's cells begin in each slab.
    place: Place,
    /// Samples that were refused: not a number, or negative where that has no meaning.
    refused: AtomicU64,
    /// Samples that were clamped to the largest value that is counted exactly.
    clamped: AtomicU64,
    /// Its open labels.
    open: Open,
    /// What is noted where nobody has registered it.
    note: Note,
    cells: C,
}

impl<const N: usize> Storage<[Cell; N]> {
    /// Cells that all start at zero.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            place: Place(AtomicUsize::new(Place::NONE)),
            refused: AtomicU64::new(0),
            clamped: AtomicU64::new(0),
            open: Open::none(),
            note: Note::new(None),
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

    /// The same cells, of the metric that this describes.
    #[must_use]
    pub const fn of(mut self, descriptor: &'static MetricDescriptor) -> Self {
        self.open = Open::of(descriptor);
        self.note = Note::new(Some(descriptor));
        self
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

    /// Where the metric's cells begin in each slab.
    pub(crate) const fn place(&self) -> &Place {
        &self.place
    }

    /// Notes that some registry has it.
    pub(crate) fn note_registered(&self) {
        self.note.register();
    }

    /// The metric's open labels.
    #[inline]
    pub(crate) const fn open(&self) -> &Open {
        &self.open
    }

    /// How many series there are now, of so many cells each.
    pub(crate) fn series(&self, width: usize) -> usize {
        let most = self.len() / width;
        let open = self.open.table();
        open.map_or(most, |table| table.len().min(most))
    }

    /// The cell that takes a recording, which is counted if it was meant for another series.
    fn unfolded(&self, cell: usize) -> usize {
        if cell < FOLDED {
            return cell;
        }
        self.open.count_folded();
        cell - FOLDED
    }

    /// Writes this thread's own cell; false where there is no slab, no place in it, or no such cell.
    #[inline]
    fn write_own(
        &self,
        slab: Option<&'static [Cell]>,
        cell: usize,
        write: impl FnOnce(&Cell),
    ) -> bool {
        let Some(slab) = slab else {
            return false;
        };
        let place = self.place.get();
        if place == Place::NONE || cell >= self.cells.len() {
            return false;
        }
        debug_assert!(place + self.cells.len() <= slab.len());
        let first = in_a_register(slab.as_ptr().wrapping_add(place));
        // SAFETY: a place is given only where each slab has as many cells behind it as the storage (see `Places`), and
        // `cell` is below that.
        write(unsafe { &*first.add(cell) });
        true
    }

    /// Writes this thread's own cells of a bucket and of the sum behind it, which readers see changed together.
    #[inline]
    fn write_own_series(
        &self,
        slab: Option<&'static [Cell]>,
        bucket: usize,
        sum: usize,
        write: impl FnOnce(&Cell, &Cell),
    ) -> bool {
        let Some(slab) = slab else {
            return false;
        };
        let place = self.place.get();
        if place == Place::NONE || bucket >= sum || sum >= self.cells.len() {
            return false;
        }
        debug_assert!(place + self.cells.len() <= slab.len());
        let first = in_a_register(slab.as_ptr().wrapping_add(place));
        // SAFETY: as above for `sum`, and `bucket` is below it.
        let (bucket, sum) = unsafe { (&*first.add(bucket), &*first.add(sum)) };
        // SAFETY: it is the first cell, and a slab has more than that.
        let sequence = unsafe { slab.get_unchecked(slab::SEQUENCE) };
        slab::write_series(sequence, || write(bucket, sum));
        true
    }

    /// Adds `n` to a cell of unsigned integers.
    #[inline]
    pub(crate) fn add(&'static self, cell: usize, n: u64) {
        if !self.write_own(thread::slab(), cell, |own| slab::add(own, n)) {
            self.add_elsewhere(cell, n);
        }
    }

    #[cold]
    #[inline(never)]
    fn add_elsewhere(&'static self, cell: usize, n: u64) {
        let cell = self.unfolded(cell);
        if self.write_own(thread::lease(), cell, |own| slab::add(own, n)) {
            return;
        }
        self.note_if_unplaced();
        match self.cells.get(cell) {
            Some(shared) => {
                shared.fetch_add(n, Ordering::Relaxed);
            }
            None => self.count_refused(),
        }
    }

    /// Adds `x` to a cell of `f64` bits.
    #[inline]
    pub(crate) fn add_f64(&'static self, cell: usize, x: f64) {
        if !self.write_own(thread::slab(), cell, |own| slab::add_f64(own, x)) {
            self.add_f64_elsewhere(cell, x);
        }
    }

    #[cold]
    #[inline(never)]
    fn add_f64_elsewhere(&'static self, cell: usize, x: f64) {
        let cell = self.unfolded(cell);
        if self.write_own(thread::lease(), cell, |own| slab::add_f64(own, x)) {
            return;
        }
        self.note_if_unplaced();
        match self.cells.get(cell) {
            Some(shared) => add_f64(shared, x),
            None => self.count_refused(),
        }
    }

    /// Records one observation: one more in the cell `bucket`, `value` added to the cell `sum`.
    #[inline]
    pub(crate) fn observe(&'static self, bucket: usize, sum: usize, value: u64) {
        let write = |bucket: &Cell, sum: &Cell| {
            slab::add(bucket, 1);
            slab::add(sum, value);
        };
        if !self.write_own_series(thread::slab(), bucket, sum, write) {
            self.observe_elsewhere(bucket, sum, value);
        }
    }

    #[cold]
    #[inline(never)]
    fn observe_elsewhere(&'static self, bucket: usize, sum: usize, value: u64) {
        let (bucket, sum) = (self.unfolded(bucket), sum & !FOLDED);
        let write = |bucket: &Cell, sum: &Cell| {
            slab::add(bucket, 1);
            slab::add(sum, value);
        };
        if !self.write_own_series(thread::lease(), bucket, sum, write) {
            self.add_elsewhere(bucket, 1);
            self.add_elsewhere(sum, value);
        }
    }

    /// Records one observation whose sum is kept as `f64` bits.
    #[inline]
    pub(crate) fn observe_f64(&'static self, bucket: usize, sum: usize, value: f64) {
        let write = |bucket: &Cell, sum: &Cell| {
            slab::add(bucket, 1);
            slab::add_f64(sum, value);
        };
        if !self.write_own_series(thread::slab(), bucket, sum, write) {
            self.observe_f64_elsewhere(bucket, sum, value);
        }
    }

    #[cold]
    #[inline(never)]
    fn observe_f64_elsewhere(&'static self, bucket: usize, sum: usize, value: f64) {
        let (bucket, sum) = (self.unfolded(bucket), sum & !FOLDED);
        let write = |bucket: &Cell, sum: &Cell| {
            slab::add(bucket, 1);
            slab::add_f64(sum, value);
        };
        if !self.write_own_series(thread::lease(), bucket, sum, write) {
            self.add_elsewhere(bucket, 1);
            self.add_f64_elsewhere(sum, value);
        }
    }

    /// A cell that all threads share, for values that are set as well as added to.
    #[inline]
    pub(crate) fn shared(&'static self, cell: usize) -> Option<&'static Cell> {
        self.cells.get(cell)
    }

    /// Notes that it was recorded and is nowhere registered, as far as that can be told here.
    fn note_if_unplaced(&'static self) {
        if self.place.get() == Place::NONE && !self.is_empty() {
            self.note.put();
        }
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

    /// The value of one cell of integers now.
    pub(crate) fn read(&self, cell: usize) -> u64 {
        self.read_as(cell, false)
    }

    /// The value of one cell now, as bits of what it holds.
    pub(crate) fn read_as(&self, cell: usize, is_float: bool) -> u64 {
        let cell = cell & !FOLDED;
        let Some(shared) = self.cells.get(cell) else {
            return 0;
        };
        let mut value = shared.load(Ordering::Acquire);
        let place = self.place.get();
        if place == Place::NONE {
            return value;
        }
        thread::SLABS.each(|slab| {
            if let Some(own) = slab.get(place + cell) {
                value = sum(value, own.load(Ordering::Acquire), is_float);
            }
        });
        value
    }

    /// Reads every cell that has a series into `values`, replacing what is there. The cells of one series belong together.
    pub(crate) fn read_into(&self, layout: Layout, values: &mut Vec<u64>) {
        values.clear();
        let shared = self
            .cells
            .iter()
            .take(self.series(layout.cells) * layout.cells);
        values.extend(shared.map(|shared| shared.load(Ordering::Acquire)));
        read::add_slabs(self.place.get(), layout, values);
    }
}

/// The sum of two cells, as bits of what they hold.
#[inline]
fn sum(a: u64, b: u64, is_float: bool) -> u64 {
    if is_float {
        (f64::from_bits(a) + f64::from_bits(b)).to_bits()
    } else {
        a.wrapping_add(b)
    }
}

/// The same address of a cell, from which the compiler goes on without a memory of how it came about.
///
/// A processor that renames memory forwards what was stored a moment ago without a delay, but only to addresses of one
/// register and a constant. The compiler would rather add the place in the instruction that increments, which makes a
/// counter that is incremented again and again several times slower.
#[inline]
#[cfg_attr(
    target_arch = "x86_64",
    expect(
        clippy::pointers_in_nomem_asm_block,
        reason = "nothing is read or written"
    )
)]
fn in_a_register(address: *const Cell) -> *const Cell {
    #[cfg(target_arch = "x86_64")]
    {
        let mut address = address;
        // SAFETY: no instruction is there; the register keeps its value.
        unsafe {
            core::arch::asm!("/* {0} */", inout(reg) address, options(pure, nomem, nostack, preserves_flags));
        }
        address
    }
    #[cfg(not(target_arch = "x86_64"))]
    address
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
