//! Simple moving average as TA-Lib's `TA_SMA`, but summed anew from its window, so that it does not drift.
//! Warm-up: `n` values. Refuses to answer from a part of its window.

use crate::Window;
use model::StateHash;

/// Plain average of the last values.
#[derive(Clone, Debug)]
pub struct Sma {
    window: Window,
    value: f64,
}

model::state!(Sma { window, value });

impl Sma {
    /// Of `period` values.
    pub fn new(period: usize) -> Sma {
        Sma { window: Window::new(period), value: 0.0 }
    }

    /// Takes in a value.
    #[inline]
    pub fn update(&mut self, x: f64) {
        self.window.push(x);
        if self.window.is_full() {
            self.value = self.window.mean();
        }
    }

    /// The average.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        self.window.is_full().then_some(self.value)
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.window.period()
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.window.hash(hash);
    }
}
