//! Exponential moving average as TA-Lib's `TA_EMA`: alpha `2 / (n + 1)`, seeded with the plain average of the first
//! `n` values. Warm-up: `n` values. Refuses to answer earlier; [`crate::EmaFromFirst`] answers from the first value.

use model::StateHash;

/// Exponential moving average seeded with a plain average.
#[derive(Clone, Debug)]
pub struct Ema {
    period: u32,
    alpha: f64,
    seen: u32,
    /// The average; while warming up, the sum so far.
    value: f64,
}

model::state!(Ema { seen, value } origin { period, alpha } if |ema| ema.seen <= ema.period);

impl Ema {
    /// Of `period` values, at least one.
    pub fn new(period: usize) -> Ema {
        assert!(
            (1..=crate::PERIOD_MAX).contains(&period),
            "an average is over 1 to {} values",
            crate::PERIOD_MAX
        );
        Ema { period: period as u32, alpha: 2.0 / (period as f64 + 1.0), seen: 0, value: 0.0 }
    }

    /// Takes in a value.
    #[inline]
    pub fn update(&mut self, x: f64) {
        if self.seen == self.period {
            self.value += (x - self.value) * self.alpha;
            return;
        }
        self.seen += 1;
        self.value += x;
        if self.seen == self.period {
            self.value /= f64::from(self.period);
        }
    }

    /// The average.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        (self.seen == self.period).then_some(self.value)
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.period as usize
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.seen));
        hash.float(self.value);
    }
}
