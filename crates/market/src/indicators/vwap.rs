//! Volume-weighted average price since midnight UTC, of this frame's typical prices: TA-Lib's `TA_VWAP` begun anew each
//! day, which also keeps its sums short. Warm-up: the first traded volume of the day. Refuses to carry a day over.

use crate::FrameBar;
use model::{Interval, StateHash, Time};

/// Volume-weighted average price of the UTC day.
#[derive(Clone, Debug)]
pub struct Vwap {
    day_end: Time,
    volume: f64,
    /// Volume times three typical prices: highs, lows and closes are whole, and so is their sum.
    traded: f64,
}

model::value!(Vwap { day_end, volume, traded });

impl Vwap {
    /// Of the day of the bars that it is fed with.
    #[expect(clippy::new_without_default, reason = "indicators are made by `new`, like all the others")]
    pub fn new() -> Vwap {
        Vwap { day_end: Time(i64::MIN), volume: 0.0, traded: 0.0 }
    }

    /// Takes in a bar.
    #[inline]
    pub fn update(&mut self, bar: &FrameBar) {
        if bar.open_time >= self.day_end {
            let day_end = bar.open_time.floor(Interval::DAY) + Interval::DAY;
            *self = Vwap { day_end, volume: 0.0, traded: 0.0 };
        }
        self.volume += bar.volume;
        self.traded += (bar.high + bar.low + bar.close) * bar.volume;
    }

    /// The price; `None` while nothing was traded that day.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        (self.volume > 0.0).then(|| self.traded / (3.0 * self.volume))
    }

    /// Updates until there is a value, if the first bar has volume.
    pub fn warm_up(&self) -> usize {
        1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.int(self.day_end.0);
        hash.float(self.volume);
        hash.float(self.traded);
    }
}
