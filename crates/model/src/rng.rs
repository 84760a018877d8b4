//! Seeded randomness: one stream per (seed, bot, concern), so that no concern can disturb another.

use crate::{Time, ids::BotId};

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
    /// Statistics: bootstrap samples and placebos.
    Statistics = 5,
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

/// Draws that depend on what they are for and when, never on how many were made before: two runs that differ in one
/// decision have the same luck in all others, so what is compared is the decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Draws(u64);

impl Draws {
    /// The draws of one concern of one bot.
    pub fn stream(seed: u64, bot: BotId, concern: Concern) -> Draws {
        Draws(Rng::stream(seed, bot, concern).0)
    }

    /// Uniform in `[0, 1)`: the draw for `purpose` at `at`.
    #[inline]
    pub fn unit(self, at: Time, purpose: u64) -> f64 {
        let mut rng = Rng(self.0 ^ (at.0 as u64).wrapping_mul(0xD6E8_FEB8_6659_FD93));
        rng.0 = rng.next_u64() ^ purpose.wrapping_mul(0xA24B_AED4_963E_E407);
        rng.unit()
    }

    /// The key, for hashes.
    pub const fn key(self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_depend_on_instant_and_purpose_only() {
        let draws = Draws::stream(1, BotId(0), Concern::Psyche);
        let other = Draws::stream(1, BotId(0), Concern::Strategy);
        assert_eq!(draws.unit(Time(5), 1).to_bits(), draws.unit(Time(5), 1).to_bits());
        let n = 20_000;
        let (mut sum, mut same, mut product) = (0.0, 0, 0.0);
        for i in 0..n {
            let (a, b, c) = (draws.unit(Time(i), 1), draws.unit(Time(i), 2), draws.unit(Time(i + 1), 1));
            assert!((0.0..1.0).contains(&a));
            sum += a;
            product += (a - 0.5) * (b - 0.5) + (a - 0.5) * (c - 0.5);
            same += usize::from(a == b || a == c || a == other.unit(Time(i), 1));
        }
        assert!((sum / n as f64 - 0.5).abs() < 0.01 && same == 0, "{sum} {same}");
        assert!((product / n as f64).abs() < 0.005, "{product}");
    }
}
