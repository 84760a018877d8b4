//! Seeded randomness: one stream per (seed, bot, concern), so that no concern can disturb another.

use crate::ids::BotId;

/// What a stream of randomness is for. Two concerns never share a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u64)]
pub enum Concern {
    /// Mistakes and hesitations of a persona.
    Psyche = 1,
    /// Random choices of a strategy.
    Strategy = 2,
    /// Randomness of the simulated venue.
    Venue = 3,
    /// Generated markets.
    Market = 4,
}

/// SplitMix64 (Steele, Lea, Flood 2014): eight bytes of state, integers only, easy to snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rng(u64);

impl Rng {
    /// A stream from a bare seed.
    pub const fn new(seed: u64) -> Rng {
        Rng(seed)
    }

    /// The stream of one concern of one bot.
    pub fn stream(seed: u64, bot: BotId, concern: Concern) -> Rng {
        let mut rng = Rng(seed);
        let mixed = rng.next_u64() ^ (u64::from(bot.0) << 32 | concern as u64);
        let mut rng = Rng(mixed);
        Rng(rng.next_u64())
    }

    /// The next 64 random bits.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Uniform in `0..n`.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        ((u128::from(self.next_u64()) * u128::from(n)) >> 64) as u64
    }

    /// Uniform in `[0, 1)` with 53 random bits.
    #[inline]
    pub fn unit(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 * (1.0 / (1_u64 << 53) as f64)
    }

    /// The state, for hashes and snapshots.
    pub const fn state(self) -> u64 {
        self.0
    }
}
