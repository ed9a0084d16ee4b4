//! What [`slab`](crate::slab) and [`table`](crate::table) are made of. The models of `tests/models.rs` put a model checker's parts in this place.

pub(crate) use core::hint::spin_loop;
pub(crate) use core::sync::atomic::{
    AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering, fence,
};
pub(crate) use std::thread::yield_now;

pub(crate) use once_cell::race::OnceRef;

/// Cells that are all zero, for as long as the program runs; none where there is no memory for them.
///
/// They are mapped, not allocated: an allocator may clear memory by hand, and a page that was cleared is a page that is
/// used, though a thread touches a few of its cells alone.
#[cfg(unix)]
#[expect(clippy::cast_ptr_alignment, reason = "a mapping begins with a page")]
pub(crate) fn zeroed(cells: usize) -> Option<&'static [AtomicU64]> {
    let mut memory = memmap2::MmapMut::map_anon(cells * size_of::<AtomicU64>()).ok()?;
    let first = memory.as_mut_ptr().cast::<AtomicU64>();
    core::mem::forget(memory);
    // SAFETY: the mapping has the room of so many cells, begins with a page and is never unmapped. Nobody else has it,
    // and all its bytes are zero, which is an `AtomicU64` of 0.
    Some(unsafe { core::slice::from_raw_parts(first, cells) })
}

/// Cells that are all zero, for as long as the program runs.
#[cfg(not(unix))]
pub(crate) fn zeroed(cells: usize) -> Option<&'static [AtomicU64]> {
    Some(Box::leak((0..cells).map(|_| AtomicU64::new(0)).collect()))
}

/// A lock that is held for a few loads and stores.
///
/// It knows the process that holds it: a child that was forked while another thread of its parent was at it does not
/// wait for a thread that it does not have. What it guards is in order after each of the stores made under it.
#[derive(Debug)]
pub(crate) struct Lock(AtomicU32);

impl Lock {
    const FREE: u32 = 0;

    pub(crate) const fn new() -> Self {
        Self(AtomicU32::new(Self::FREE))
    }

    /// Runs `work`, which does not panic, alone.
    pub(crate) fn hold<R>(&self, work: impl FnOnce() -> R) -> R {
        let process = std::process::id();
        let mut expected = Self::FREE;
        while let Err(holder) =
            self.0
                .compare_exchange(expected, process, Ordering::Acquire, Ordering::Relaxed)
        {
            if holder == process || holder == Self::FREE {
                expected = Self::FREE;
                yield_now();
            } else {
                expected = holder;
            }
        }
        let result = work();
        self.0.store(Self::FREE, Ordering::Release);
        result
    }
}
