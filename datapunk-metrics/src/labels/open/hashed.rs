//! The hash that open values are found by.

use core::sync::atomic::{AtomicU64, Ordering};
use std::hash::{BuildHasher, Hasher, RandomState};

use foldhash::SharedSeed;
use foldhash::fast::FoldHasher;

use crate::table::HashValues;

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
