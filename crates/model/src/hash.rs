//! The state hash: two runs that agree on it took the same decisions, bit for bit.

/// Mixes words into 64 bits; not for secrets.
#[derive(Clone, Copy, Debug)]
pub struct StateHash(u64);

impl Default for StateHash {
    fn default() -> Self {
        StateHash(0xcbf2_9ce4_8422_2325)
    }
}

impl StateHash {
    /// Adds a word.
    #[inline]
    pub fn word(&mut self, word: u64) {
        let mixed = (self.0 ^ word).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        self.0 = mixed ^ (mixed >> 29);
    }

    /// Adds a signed word.
    #[inline]
    pub fn int(&mut self, value: i64) {
        self.word(value as u64);
    }

    /// Adds a float by its bits.
    #[inline]
    pub fn float(&mut self, value: f64) {
        self.word(value.to_bits());
    }

    /// The hash so far.
    pub const fn finish(self) -> u64 {
        self.0
    }
}
