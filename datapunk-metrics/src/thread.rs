//! The slab of this thread, and the places that metrics have in slabs.

use core::cell::Cell as Local;
use core::sync::atomic::{AtomicU8, AtomicUsize, Ordering};

use datapunk_metrics_conventions::Kind;
use once_cell::race::OnceRef;

use crate::cells::{Cell, Storage};
use crate::set::{LINKED_SETS, MetricEntry, Source};
use crate::slab::{self, Place, Slab, Slabs};

/// All slabs of the program.
pub(crate) static SLABS: Slabs = Slabs {
    first: OnceRef::new(),
};

thread_local! {
    /// The cells that this thread writes alone; none before its first recording and after its end.
    static SLAB: Local<&'static [Cell]> = const { Local::new(&[]) };

    /// Set while a slab is made, which may record when the allocator is instrumented.
    static LEASING: Local<bool> = const { Local::new(false) };

    /// Gives the slab back when the thread ends.
    static LEASE: Lease = const { Lease(Local::new(None)) };
}

struct Lease(Local<Option<&'static Slab>>);

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(slab) = self.0.take() {
            SLAB.set(&[]);
            slab.give_back();
        }
    }
}

/// The cells that this thread writes alone; none if it has no slab.
#[inline]
pub(crate) fn slab() -> &'static [Cell] {
    SLAB.get()
}

/// The same, with a slab leased if that can be done now.
pub(crate) fn lease() -> &'static [Cell] {
    let cells = SLAB.get();
    if !cells.is_empty() || LEASING.replace(true) {
        return cells;
    }
    if has_places() {
        // On a thread that is ending, nobody would give the slab back.
        let _ = LEASE.try_with(|lease| {
            if let Some(slab) = SLABS.lease(capacity()) {
                lease.0.set(Some(slab));
                SLAB.set(slab.cells());
            }
        });
    }
    LEASING.set(false);
    SLAB.get()
}

/// The place of the next metric.
static NEXT_PLACE: AtomicUsize = AtomicUsize::new(slab::FIRST);

/// Cells in slabs for metrics that come after the first slab.
const ROOM: usize = 8192;

/// Cells of a slab: those of the metrics that have a place, and room for more. Untouched memory costs nothing.
fn capacity() -> usize {
    NEXT_PLACE.load(Ordering::Relaxed) + ROOM
}

/// How far the linked sets are.
static LINKED: AtomicU8 = AtomicU8::new(NOT_YET);
const NOT_YET: u8 = 0;
const UNDER_WAY: u8 = 1;
const DONE: u8 = 2;

/// Gives the linked sets their places, unless that is done. Another thread that is at it is not waited for.
fn has_places() -> bool {
    if LINKED.load(Ordering::Acquire) == DONE {
        return true;
    }
    let begun = LINKED.compare_exchange(NOT_YET, UNDER_WAY, Ordering::Relaxed, Ordering::Relaxed);
    if begun.is_err() {
        return false;
    }
    for set in LINKED_SETS {
        give_places(set.metrics);
    }
    LINKED.store(DONE, Ordering::Release);
    true
}

/// Gives metrics their places in slabs, those that are kept there.
pub(crate) fn give_places(metrics: &[MetricEntry]) {
    for metric in metrics {
        let in_slabs = matches!(metric.descriptor.kind, Kind::Counter | Kind::Histogram);
        if let Source::Cells(storage) = metric.source
            && in_slabs
        {
            give_place(storage);
        }
    }
}

fn give_place(storage: &Storage) {
    if storage.is_empty() || storage.place().get() != Place::NONE {
        return;
    }
    let place = NEXT_PLACE.fetch_add(storage.len(), Ordering::Relaxed);
    // Where two threads are at one metric, the place of the second stays unused.
    storage.place().give(place);
}
