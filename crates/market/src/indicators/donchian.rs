//! Donchian channel as TA-Lib's `TA_DONCHIAN`: highest high and lowest low of the last `n` bars; and the same of the `n`
//! bars before the last one, because a bar can never break a channel that it is part of.
//! Warm-up: `n` bars, `n + 1` for the channel before. Refuses to answer from less.

use crate::Window;
use model::StateHash;

/// Highest high and lowest low.
#[derive(Clone, Debug)]
pub struct Donchian {
    highs: Window,
    lows: Window,
    upper: Option<f64>,
    lower: Option<f64>,
    previous_upper: Option<f64>,
    previous_lower: Option<f64>,
}

model::state!(Donchian { highs, lows, upper, lower, previous_upper, previous_lower });

impl Donchian {
    /// Of `period` bars.
    pub fn new(period: usize) -> Donchian {
        let (highs, lows) = (Window::new(period), Window::new(period));
        Donchian { highs, lows, upper: None, lower: None, previous_upper: None, previous_lower: None }
    }

    /// Takes in a bar.
    #[inline]
    pub fn update(&mut self, high: f64, low: f64) {
        self.previous_upper = self.upper;
        self.previous_lower = self.lower;
        self.highs.push(high);
        self.lows.push(low);
        if self.highs.is_full() {
            self.upper = Some(self.highs.max());
            self.lower = Some(self.lows.min());
        }
    }

    /// The middle of the channel.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        Some((self.upper? + self.lower?) / 2.0)
    }

    /// Highest high, the last bar included.
    #[inline]
    pub fn upper(&self) -> Option<f64> {
        self.upper
    }

    /// Lowest low, the last bar included.
    #[inline]
    pub fn lower(&self) -> Option<f64> {
        self.lower
    }

    /// Highest high of the bars before the last: a close above it is a breakout.
    #[inline]
    pub fn previous_upper(&self) -> Option<f64> {
        self.previous_upper
    }

    /// Lowest low of the bars before the last: a close below it is a breakdown.
    #[inline]
    pub fn previous_lower(&self) -> Option<f64> {
        self.previous_lower
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.highs.period()
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.highs.hash(hash);
        self.lows.hash(hash);
        for edge in [self.previous_upper, self.previous_lower] {
            hash.float(edge.unwrap_or(0.0));
        }
    }
}
