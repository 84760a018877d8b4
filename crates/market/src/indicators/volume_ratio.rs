//! Volume of the last bar over the average of the `n` bars before it (TA-Lib's `TA_RVOL`): the bar is not part of what
//! it is measured by. Warm-up: `n + 1` bars. Refuses to divide by a market in which nothing was traded.

use crate::Window;
use model::StateHash;

/// Relative volume; 1 is usual.
#[derive(Clone, Debug)]
pub struct VolumeRatio {
    window: Window,
    volume: f64,
    /// Sum of the bars before the last; zero while they are too few. It is divided where it is read.
    before: f64,
}

model::state!(VolumeRatio { window, volume, before });

impl VolumeRatio {
    /// Against the `period` bars before.
    pub fn new(period: usize) -> VolumeRatio {
        VolumeRatio { window: Window::new(period), volume: 0.0, before: 0.0 }
    }

    /// Takes in the volume of a bar.
    #[inline]
    pub fn update(&mut self, volume: f64) {
        if self.window.is_full() {
            self.before = self.window.sum();
        }
        self.volume = volume;
        self.window.push(volume);
    }

    /// The ratio; `None` as well where the bars before had no volume at all.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        (self.before > 0.0).then(|| self.volume / (self.before / self.window.period() as f64))
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.window.period() + 1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.window.hash(hash);
        hash.float(self.volume);
        hash.float(self.before);
    }
}
