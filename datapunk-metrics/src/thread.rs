//! The slab of this thread, and the places that metrics have in slabs.

use core::cell::Cell as Local;
use core::sync::atomic::{AtomicU8, AtomicU64, Ordering};

use datapunk_metrics_conventions::Kind;
use once_cell::race::OnceRef;

use crate::cells::{Cell, Storage};
use crate::set::{LINKED_SETS, MetricEntry, Source};
use crate::slab::{Place, Places, Slab, Slabs};

/// All slabs of the program.
pub(crate) static SLABS: Slabs = Slabs {
    first: OnceRef::new(),
};

thread_local! {
    /// The cells that this thread writes alone; none before its first recording and after its end.
    static SLAB: Local<Option<&'static [Cell]>> = const { Local::new(None) };

    /// Set while a slab is made, which may record when the allocator is instrumented.
    static LEASING: Local<bool> = const { Local::new(false) };

    /// Gives the slab back when the thread ends.
    static LEASE: Lease = const { Lease(Local::new(None)) };
}

struct Lease(Local<Option<&'static Slab>>);

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(slab) = self.0.take() {
            SLAB.set(None);
            slab.give_back();
        }
    }
}

/// The cells that this thread writes alone; none if it has no slab.
#[inline]
pub(crate) fn slab() -> Option<&'static [Cell]> {
    SLAB.get()
}

/// The same, with a slab leased if that can be done now.
pub(crate) fn lease() -> Option<&'static [Cell]> {
    let cells = SLAB.get();
    if cells.is_some() || LEASING.replace(true) {
        return cells;
    }
    if has_places() {
        // On a thread that is ending, nobody would give the slab back.
        let _ = LEASE.try_with(|lease| {
            if let Some(slab) = SLABS.lease(PLACES.capacity()) {
                lease.0.set(Some(slab));
                SLAB.set(Some(slab.cells()));
            }
        });
    }
    LEASING.set(false);
    SLAB.get()
}

/// The places that are left.
static PLACES: Places = Places(AtomicU64::new(Places::ALL));

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
        if let Source::Cells(storage) = metric.source {
            storage.note_registered();
        }
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
    if let Some(place) = PLACES.take(storage.len()) {
        // Where two threads are at one metric, the place of the second stays unused.
        storage.place().give(place);
    }
}
