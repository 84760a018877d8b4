//! How far the close lies from the volume-weighted average price of the UTC day, in volume-weighted (population) standard
//! deviations of the typical prices around it, which is what bands around that price are drawn with. Mean and squares
//! are West's (1979, "Updating mean and variance estimates: an improved method"): nothing cancels far from zero, and a
//! flat market has a deviation of exactly zero. Warm-up: the day's second traded typical price. Refuses to measure a
//! distance in deviations of zero.

use crate::FrameBar;
use model::{Interval, StateHash, Time};

/// Distance of the close from the day's average price.
#[derive(Clone, Debug)]
pub struct VwapZScore {
    day_end: Time,
    volume: f64,
    mean: f64,
    /// Volume-weighted squared distances from the mean.
    squares: f64,
    close: f64,
}

model::value!(VwapZScore { day_end, volume, mean, squares, close });

impl VwapZScore {
    /// Of the day of the bars that it is fed with.
    #[expect(clippy::new_without_default, reason = "indicators are made by `new`, like all the others")]
    pub fn new() -> VwapZScore {
        VwapZScore { day_end: Time(i64::MIN), volume: 0.0, mean: 0.0, squares: 0.0, close: 0.0 }
    }

    /// Takes in a bar.
    #[inline]
    pub fn update(&mut self, bar: &FrameBar) {
        if bar.open_time >= self.day_end {
            *self = VwapZScore::new();
            self.day_end = bar.open_time.floor(Interval::DAY) + Interval::DAY;
        }
        self.close = bar.close;
        if bar.volume > 0.0 {
            let distance = bar.typical_price() - self.mean;
            self.volume += bar.volume;
            self.mean += distance * (bar.volume / self.volume);
            self.squares += bar.volume * distance * (bar.typical_price() - self.mean);
        }
    }

    /// Close minus average price, in standard deviations; `None` while no two prices of the day differed.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        (self.squares > 0.0).then(|| (self.close - self.mean) / (self.squares / self.volume).sqrt())
    }

    /// One standard deviation of the day's typical prices around their average, in ticks; `None` while nothing was
    /// traded that day.
    #[inline]
    pub fn deviation(&self) -> Option<f64> {
        (self.volume > 0.0).then(|| (self.squares / self.volume).sqrt())
    }

    /// Updates until there is a value, if the first two bars have volume and different prices.
    pub fn warm_up(&self) -> usize {
        2
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.int(self.day_end.0);
        for value in [self.volume, self.mean, self.squares, self.close] {
            hash.float(value);
        }
    }
}
