//! Random inputs, the same for every contender.
//!
//! There are so many that no branch predictor learns them: with a short input that repeats, a bucket search that leaves
//! at the first hit looks fastest and is the slowest in a service.

use std::sync::LazyLock;
use std::time::Duration;

/// Recordings of one pass.
pub(crate) const COUNT: usize = 65_536;

/// Places in the 5×5 grid of labels.
pub(crate) static PLACES: LazyLock<Vec<(usize, usize)>> = LazyLock::new(|| {
    let mut random = Random(1);
    (0..COUNT)
        .map(|_| (random.below(5), random.below(5)))
        .collect()
});

/// A hundred paths, as text that nobody knew before.
pub(crate) static PATHS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let paths: Vec<&'static str> = (0..100)
        .map(|path| &*format!("/api/v1/items/{path}").leak())
        .collect();
    let mut random = Random(5);
    (0..COUNT).map(|_| paths[random.below(100)]).collect()
});

/// Durations from 1 ms to 20 s, as many in each tenth of that range in logarithms: every bucket is hit.
pub(crate) static DURATIONS: LazyLock<Vec<Duration>> = LazyLock::new(|| {
    let mut random = Random(2);
    (0..COUNT)
        .map(|_| Duration::from_secs_f64(1e-3 * (random.share() * 20_000_f64.ln()).exp()))
        .collect()
});

/// The same durations in seconds, for libraries that take `f64`.
pub(crate) static SECONDS: LazyLock<Vec<f64>> =
    LazyLock::new(|| DURATIONS.iter().map(Duration::as_secs_f64).collect());

/// `SplitMix64`: enough randomness for a bench, the same in every run.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % end as u64).unwrap_or(0)
    }

    /// A number from 0 to 1.
    pub(crate) fn share(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// Runs the body for each input.
///
/// The black box is no instruction, but the compiler must take it for something that reads and writes all memory. So
/// it can't move work out of the loop that a recording site in a service would do each time.
macro_rules! each {
    ($input:pat in $inputs:expr => $body:expr) => {
        for &$input in $inputs.iter() {
            $body;
            ::std::hint::black_box(());
        }
    };
    ($body:expr) => {
        for _ in 0..$crate::inputs::COUNT {
            $body;
            ::std::hint::black_box(());
        }
    };
}
pub(crate) use each;
