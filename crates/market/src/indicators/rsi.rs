//! Relative strength index as TA-Lib's `TA_RSI`: Wilder smoothing seeded with the plain averages of the first `n` gains
//! and losses; 0 where nothing moved. Warm-up: `n + 1` values. Refuses to answer earlier.

use super::NEGLIGIBLE;
use model::StateHash;

/// Relative strength index, 0 to 100.
#[derive(Clone, Debug)]
pub struct Rsi {
    period: u32,
    /// Values seen, counted up to `period + 1`.
    seen: u32,
    previous: f64,
    /// Average gain; while warming up, its share of the seed.
    gain: f64,
    /// Average loss; while warming up, its share of the seed.
    loss: f64,
}

model::state!(Rsi { seen, previous, gain, loss } origin { period } if |rsi| rsi.seen <= rsi.period + 1);

impl Rsi {
    /// Of `period` changes.
    pub fn new(period: usize) -> Rsi {
        assert!(
            (2..=crate::PERIOD_MAX).contains(&period),
            "a strength is over 2 to {} changes",
            crate::PERIOD_MAX
        );
        Rsi { period: period as u32, seen: 0, previous: 0.0, gain: 0.0, loss: 0.0 }
    }

    /// Takes in a close.
    #[inline]
    pub fn update(&mut self, close: f64) {
        let change = close - self.previous;
        self.previous = close;
        if self.seen == 0 {
            self.seen = 1;
            return;
        }
        let gain = if change > 0.0 { change } else { 0.0 };
        let loss = if change < 0.0 { -change } else { 0.0 };
        let weight = 1.0 / f64::from(self.period);
        if self.seen <= self.period {
            self.seen += 1;
            self.gain += gain * weight;
            self.loss += loss * weight;
        } else {
            self.gain += (gain - self.gain) * weight;
            self.loss += (loss - self.loss) * weight;
        }
    }

    /// The index.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        if self.seen <= self.period {
            return None;
        }
        let moved = self.gain + self.loss;
        Some(if moved < NEGLIGIBLE { 0.0 } else { 100.0 * self.gain / moved })
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.period as usize + 1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.seen));
        for value in [self.previous, self.gain, self.loss] {
            hash.float(value);
        }
    }
}
