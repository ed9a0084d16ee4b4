//! Made-up numbers that are the same in every run.

/// The splitmix64 generator: fast, seedable, good enough for data and traffic that only have to look alike.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// A generator whose numbers follow from `seed`.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next 64 bits.
    pub const fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, or 0 if that is 0.
    pub const fn below(&mut self, limit: u64) -> u64 {
        if limit == 0 { 0 } else { self.bits() % limit }
    }

    /// A number from -1 up to 1.
    #[expect(
        clippy::cast_precision_loss,
        reason = "24 bits fit the mantissa of an f32"
    )]
    pub fn signed(&mut self) -> f32 {
        (self.bits() >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_follow_from_the_seed_and_stay_in_range() {
        let (mut one, mut same, mut other) = (Random::new(7), Random::new(7), Random::new(8));
        let numbers: Vec<u64> = (0..100).map(|_| one.bits()).collect();
        assert_eq!(numbers, (0..100).map(|_| same.bits()).collect::<Vec<_>>());
        assert_ne!(numbers, (0..100).map(|_| other.bits()).collect::<Vec<_>>());
        assert!((0..1000).all(|_| one.below(6) < 6 && one.signed().abs() <= 1.0));
        assert_eq!(one.below(0), 0);
    }
}
