//! The numbers of a row's series, by the combination of closed values.
//!
//! A wide closed part, such as all methods with all status codes, has hundreds of combinations, of which a row has a
//! handful. So its numbers are kept in chunks that are made when a series of theirs is first claimed.

use crate::sync::{AtomicU32, OnceRef, Ordering};

/// Combinations in a chunk.
pub(crate) const CHUNK: usize = 64;

/// Numbers that lie beside each other.
pub(crate) struct Chunk([AtomicU32; CHUNK]);

/// A number and one more for each combination; 0 until it is claimed.
pub(crate) struct Numbers {
    /// All of them, where there are no more than a chunk has. Looked at first, as most sets are narrow.
    narrow: Box<[AtomicU32]>,
    /// A chunk for every so many, where there are more.
    wide: Box<[OnceRef<'static, Chunk>]>,
}

impl core::fmt::Debug for Numbers {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Numbers").finish_non_exhaustive()
    }
}

impl Chunk {
    fn new() -> Box<Self> {
        Box::new(Self(std::array::from_fn(|_| AtomicU32::new(0))))
    }
}

impl Numbers {
    /// Room for the numbers of `closed` combinations, which is made at once for those that are `first`.
    pub(crate) fn new(closed: usize, first: impl Iterator<Item = usize>) -> Self {
        let (narrow, chunks) = if closed <= CHUNK {
            (closed, 0)
        } else {
            (0, closed.div_ceil(CHUNK))
        };
        let numbers = Self {
            narrow: (0..narrow).map(|_| AtomicU32::new(0)).collect(),
            wide: (0..chunks).map(|_| OnceRef::new()).collect(),
        };
        for closed in first {
            let mut chunk = numbers.missing(closed);
            numbers.make(closed, &mut chunk);
        }
        numbers
    }

    /// The number of a combination, if it is claimed.
    #[inline]
    pub(crate) fn get(&self, closed: usize) -> Option<usize> {
        let number = self.place(closed)?.load(Ordering::Acquire);
        (number as usize).checked_sub(1)
    }

    #[inline]
    fn place(&self, closed: usize) -> Option<&AtomicU32> {
        if let Some(number) = self.narrow.get(closed) {
            return Some(number);
        }
        let chunk = self.wide.get(closed / CHUNK)?.get()?;
        Some(&chunk.0[closed % CHUNK])
    }

    /// A chunk for a combination whose own is not there.
    pub(crate) fn missing(&self, closed: usize) -> Option<Box<Chunk>> {
        self.place(closed).is_none().then(Chunk::new)
    }

    /// Puts a chunk in its place, if it is still missing there.
    fn make(&self, closed: usize, chunk: &mut Option<Box<Chunk>>) {
        if let Some(place) = self.wide.get(closed / CHUNK)
            && place.get().is_none()
            && let Some(chunk) = chunk.take()
        {
            // One thread at a time is here.
            let _ = place.set(Box::leak(chunk));
        }
    }

    /// Keeps the number of a combination; `chunk` is where, if that is missing. Called by one thread at a time.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a table has fewer series than that"
    )]
    pub(crate) fn set(&self, closed: usize, number: usize, chunk: &mut Option<Box<Chunk>>) {
        self.make(closed, chunk);
        if let Some(place) = self.place(closed) {
            place.store(number as u32 + 1, Ordering::Release);
        }
    }
}
