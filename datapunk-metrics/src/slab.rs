//! Slabs: the cells that one thread writes alone.
//!
//! A cell with one writer needs no locked instruction: it is loaded, added to and stored. A thread leases a slab on its
//! first recording and gives it back, counts and all, when it ends; the next thread that starts goes on with it. So
//! there are as many slabs as there ever were threads at a time, nothing is copied and nothing is lost. Readers add up
//! all slabs. Slabs are never freed.
//!
//! `tests/models.rs` checks hand-over and reading in every order that the memory model allows.

use crate::sync::{
    AtomicBool, AtomicU64, AtomicUsize, OnceRef, Ordering, fence, spin_loop, yield_now, zeroed,
};

/// The first cell of every slab counts the writes of series that are read as one: odd while one is written.
pub(crate) const SEQUENCE: usize = 0;

/// The first cell that a metric may have.
pub(crate) const FIRST: usize = 1;

/// Tries to read a series between two writes, before the processor is left to others: the writer may have to wait for
/// it in the midst of a write.
const SPINS: usize = 64;

/// Tries before the series is taken as it is.
const TRIES: usize = 1024;

/// The cells that a thread writes alone, as long as it has the lease.
pub(crate) struct Slab {
    cells: &'static [AtomicU64],
    leased: AtomicBool,
    next: OnceRef<'static, Slab>,
}

/// All slabs, the oldest first. Slabs are only ever added.
pub(crate) struct Slabs {
    pub(crate) first: OnceRef<'static, Slab>,
}

impl Slab {
    fn leased(cells: usize) -> Option<Self> {
        Some(Self {
            cells: zeroed(cells)?,
            leased: AtomicBool::new(true),
            next: OnceRef::new(),
        })
    }

    pub(crate) const fn cells(&self) -> &'static [AtomicU64] {
        self.cells
    }

    /// Takes the lease, with all that former holders wrote.
    fn take(&self) -> bool {
        self.leased
            .compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed)
            .is_ok()
    }

    /// Gives the lease back. The caller writes no cell of this slab any more.
    pub(crate) fn give_back(&self) {
        self.leased.store(false, Ordering::Release);
    }
}

impl Slabs {
    /// A slab without a lease, or a new one with so many cells; none where there is no memory for it.
    pub(crate) fn lease(&self, cells: usize) -> Option<&'static Slab> {
        let mut last = &self.first;
        while let Some(slab) = last.get() {
            if slab.take() {
                return Some(slab);
            }
            last = &slab.next;
        }
        let slab: &'static Slab = Box::leak(Box::new(Slab::leased(cells)?));
        // Others may have added theirs meanwhile.
        while last.set(slab).is_err() {
            if let Some(other) = last.get() {
                last = &other.next;
            }
        }
        Some(slab)
    }

    /// Calls `read` with the cells of each slab.
    #[inline]
    pub(crate) fn each(&self, mut read: impl FnMut(&[AtomicU64])) {
        let mut next = self.first.get();
        while let Some(slab) = next {
            read(slab.cells);
            next = slab.next.get();
        }
    }
}

/// Where the cells of a metric begin in each slab.
#[derive(Debug)]
pub(crate) struct Place(pub(crate) AtomicUsize);

impl Place {
    /// No place: a cell that no metric has.
    pub(crate) const NONE: usize = SEQUENCE;

    /// The place, or [`NONE`](Self::NONE).
    ///
    /// A reader that knows of a recording knows of the place that it went to, as a value that was once read is not
    /// followed by an older one.
    #[inline]
    pub(crate) fn get(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }

    /// Sets the place, unless there is one.
    pub(crate) fn give(&self, place: usize) -> bool {
        self.0
            .compare_exchange(Self::NONE, place, Ordering::Relaxed, Ordering::Relaxed)
            .is_ok()
    }
}

/// The places that are left: how many cells are given away, and how many each slab has, once there is one.
///
/// Both in one word, so that a place that was given is in every slab, and a recording needs not ask.
#[derive(Debug)]
pub(crate) struct Places(pub(crate) AtomicU64);

impl Places {
    /// All places, and no slab yet.
    pub(crate) const ALL: u64 = FIRST as u64;

    /// Cells in slabs for metrics that come after the first slab. Untouched memory costs nothing.
    const ROOM: u32 = 8192;

    /// A place for so many cells, unless there are too few left.
    pub(crate) fn take(&self, cells: usize) -> Option<usize> {
        let cells = u32::try_from(cells).ok()?;
        let before = self.change(|given, capacity| {
            let given = given.checked_add(cells)?;
            // Enough for the room behind it as well, as long as there is no slab.
            let most = if capacity == 0 {
                u32::MAX - Self::ROOM
            } else {
                capacity
            };
            (given <= most).then_some((given, capacity))
        })?;
        Some(before as usize)
    }

    /// The cells that each slab has. From then on it is no more.
    pub(crate) fn capacity(&self) -> usize {
        self.change(|given, capacity| (capacity == 0).then_some((given, given + Self::ROOM)));
        parts(self.0.load(Ordering::Relaxed)).1 as usize
    }

    /// Changes both numbers together; returns how many cells had been given away. Nothing if there is no change.
    fn change(&self, change: impl Fn(u32, u32) -> Option<(u32, u32)>) -> Option<u32> {
        let before = self
            .0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |word| {
                let (given, capacity) = parts(word);
                let (given, capacity) = change(given, capacity)?;
                Some(u64::from(given) | u64::from(capacity) << 32)
            });
        before.ok().map(|word| parts(word).0)
    }
}

/// Cells that are given away, and cells of each slab.
#[expect(clippy::cast_possible_truncation, reason = "one half each")]
const fn parts(word: u64) -> (u32, u32) {
    (word as u32, (word >> 32) as u32)
}

/// Adds to a cell that no other thread writes.
#[inline]
pub(crate) fn add(cell: &AtomicU64, n: u64) {
    cell.store(
        cell.load(Ordering::Relaxed).wrapping_add(n),
        Ordering::Relaxed,
    );
}

/// Adds to a cell of `f64` bits that no other thread writes.
#[inline]
pub(crate) fn add_f64(cell: &AtomicU64, x: f64) {
    let sum = f64::from_bits(cell.load(Ordering::Relaxed)) + x;
    cell.store(sum.to_bits(), Ordering::Relaxed);
}

/// Writes cells that readers see changed together, of the slab with this [`SEQUENCE`].
#[inline]
pub(crate) fn write_series(sequence: &AtomicU64, write: impl FnOnce()) {
    let before = sequence.load(Ordering::Relaxed);
    sequence.store(before.wrapping_add(1), Ordering::Relaxed);
    // No write below is seen before the odd number.
    fence(Ordering::Release);
    write();
    sequence.store(before.wrapping_add(2), Ordering::Release);
}

/// Reads the cells of `slab` from `first` on into `values`, as they were between two writes.
///
/// A thread that writes without a pause, or is stopped in the midst of a write, may not leave the time; then the values
/// are taken as they are, and a sum can lack an observation that its count has.
pub(crate) fn read_series(slab: &[AtomicU64], first: usize, values: &mut [u64]) {
    for attempt in 0..TRIES {
        if try_read(slab, first, values) {
            return;
        }
        if attempt < SPINS {
            spin_loop();
        } else {
            yield_now();
        }
    }
}

/// Reads the cells of `slab` from `first` on into `values`. Tells whether they are as they were between two writes.
pub(crate) fn try_read(slab: &[AtomicU64], first: usize, values: &mut [u64]) -> bool {
    let Some(cells) = slab.get(first..first + values.len()) else {
        values.fill(0);
        return true;
    };
    let before = slab[SEQUENCE].load(Ordering::Acquire);
    for (value, cell) in values.iter_mut().zip(cells) {
        *value = cell.load(Ordering::Relaxed);
    }
    // No read above sees a write that is later than the number read below.
    fence(Ordering::Acquire);
    before.is_multiple_of(2) && slab[SEQUENCE].load(Ordering::Relaxed) == before
}
