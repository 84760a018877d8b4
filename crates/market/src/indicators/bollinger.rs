//! Bollinger bands as TA-Lib's `TA_BBANDS`: population standard deviations around the plain average, computed anew from
//! the window, so that nothing drifts and a flat market has a width of exactly zero. Warm-up: `n` values. Refuses to answer from less.

use crate::Window;
use model::StateHash;

/// Bands around the plain average of the last closes.
#[derive(Clone, Debug)]
pub struct Bollinger {
    window: Window,
    period: f64,
    width: f64,
    mean: f64,
    deviation: f64,
}

model::state!(Bollinger { window, mean, deviation } origin { period, width });

impl Bollinger {
    /// Of `period` closes, `width` standard deviations to either side.
    pub fn new(period: usize, width: f64) -> Bollinger {
        assert!(width > 0.0, "a band has a width");
        Bollinger { window: Window::new(period), period: period as f64, width, mean: 0.0, deviation: 0.0 }
    }

    /// Takes in a close.
    #[inline]
    pub fn update(&mut self, close: f64) {
        self.window.push(close);
        if self.window.is_full() {
            let (mean, squares) = self.window.mean_and_squares();
            self.mean = mean;
            self.deviation = (squares / self.period).sqrt();
        }
    }

    /// The middle band.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        self.window.is_full().then_some(self.mean)
    }

    /// The upper band.
    #[inline]
    pub fn upper(&self) -> Option<f64> {
        self.value().map(|mean| mean + self.width * self.deviation)
    }

    /// The lower band.
    #[inline]
    pub fn lower(&self) -> Option<f64> {
        self.value().map(|mean| mean - self.width * self.deviation)
    }

    /// One population standard deviation of the closes.
    #[inline]
    pub fn deviation(&self) -> Option<f64> {
        self.window.is_full().then_some(self.deviation)
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
