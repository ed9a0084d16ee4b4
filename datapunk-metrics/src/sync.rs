//! What [`slab`](crate::slab) is made of. The models of `tests/models.rs` put a model checker's parts in this place.

pub(crate) use core::hint::spin_loop;
pub(crate) use core::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
pub(crate) use std::thread::yield_now;

pub(crate) use once_cell::race::OnceRef;

/// Cells that are all zero, in memory that is not touched before they are.
pub(crate) fn zeroed(cells: usize) -> Box<[AtomicU64]> {
    let cells = Box::<[AtomicU64]>::new_zeroed_slice(cells);
    // SAFETY: an `AtomicU64` is a `u64` in memory, and all bytes zero are the number 0.
    unsafe { cells.assume_init() }
}
