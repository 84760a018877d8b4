//! Average true range as TA-Lib's `TA_ATR`: Wilder smoothing seeded with the plain average of the first `n` true ranges;
//! the first bar has none, as it has no close before it. Warm-up: `n + 1` bars. Refuses to answer earlier.

use model::StateHash;

/// Average true range.
#[derive(Clone, Debug)]
pub struct Atr {
    period: u32,
    /// Bars seen, counted up to `period + 1`.
    seen: u32,
    previous_close: f64,
    /// The average; while warming up, the sum of the true ranges.
    value: f64,
}

model::state!(Atr { seen, previous_close, value } origin { period } if |atr| atr.seen <= atr.period + 1);

/// The largest of the bar's range and its distances from the close before.
#[inline]
pub(super) fn true_range(high: f64, low: f64, previous_close: f64) -> f64 {
    let top = if high > previous_close { high } else { previous_close };
    let bottom = if low < previous_close { low } else { previous_close };
    top - bottom
}

impl Atr {
    /// Of `period` true ranges.
    pub fn new(period: usize) -> Atr {
        assert!((1..=crate::PERIOD_MAX).contains(&period), "a range is over 1 to {} bars", crate::PERIOD_MAX);
        Atr { period: period as u32, seen: 0, previous_close: 0.0, value: 0.0 }
    }

    /// Takes in a bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64, close: f64) {
        let range = true_range(high, low, self.previous_close);
        self.previous_close = close;
        if self.seen > self.period {
            self.value += (range - self.value) * (1.0 / f64::from(self.period));
            return;
        }
        self.value += if self.seen == 0 { 0.0 } else { range };
        self.seen += 1;
        if self.seen > self.period {
            self.value /= f64::from(self.period);
        }
    }

    /// The average.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        (self.seen > self.period).then_some(self.value)
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.period as usize + 1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.seen));
        hash.float(self.previous_close);
        hash.float(self.value);
    }
}
