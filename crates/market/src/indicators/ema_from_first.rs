//! Exponential moving average seeded with the first value: the average of the `ema_cross` control, whose rule is
//! stated to the letter. Warm-up: 1 value. It is updated per base bar, so it refuses to do more than it must.

use model::StateHash;

/// Exponential moving average, alpha `2 / (n + 1)`, that starts at the first value.
#[derive(Clone, Copy, Debug)]
pub struct EmaFromFirst {
    alpha: f64,
    value: f64,
    seeded: bool,
}

model::state!(EmaFromFirst { value, seeded } origin { alpha });

impl EmaFromFirst {
    /// Of `period` values, at least one.
    pub fn new(period: usize) -> EmaFromFirst {
        assert!(period > 0, "an average is over at least one value");
        EmaFromFirst { alpha: 2.0 / (period as f64 + 1.0), value: 0.0, seeded: false }
    }

    /// Takes in a value and returns the average.
    #[inline]
    pub fn update(&mut self, x: f64) -> f64 {
        if self.seeded {
            self.value += (x - self.value) * self.alpha;
        } else {
            self.value = x;
            self.seeded = true;
        }
        self.value
    }

    /// Takes in a value that is not the first one and returns the average: three flops and no branch.
    #[inline]
    pub fn follow(&mut self, x: f64) -> f64 {
        debug_assert!(self.seeded, "the first value seeds, by update");
        self.value += (x - self.value) * self.alpha;
        self.value
    }

    /// The average.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        self.seeded.then_some(self.value)
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.word(u64::from(self.seeded));
        hash.float(self.value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn starts_at_the_first_value() {
        let mut ema = EmaFromFirst::new(3);
        assert_eq!(ema.value(), None);
        assert_eq!([8.0, 4.0, 8.0].map(|x| ema.update(x)), [8.0, 6.0, 7.0]);
        assert_eq!(ema.value(), Some(7.0));
    }
}
