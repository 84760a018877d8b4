//! Volume of the last bar over the average of the `n` bars before it (TA-Lib's `TA_RVOL`): the bar is not part of what
//! it is measured by. Warm-up: `n + 1` bars. Refuses to divide by a market in which nothing was traded.

use crate::Window;
use model::StateHash;

/// Relative volume; 1 is usual.
#[derive(Clone, Debug)]
pub struct VolumeRatio {
    window: Window,
    value: Option<f64>,
}

impl VolumeRatio {
    /// Against the `period` bars before.
    pub fn new(period: usize) -> VolumeRatio {
        VolumeRatio { window: Window::new(period), value: None }
    }

    /// Takes in the volume of a bar.
    #[inline]
    pub fn update(&mut self, volume: f64) {
        if self.window.is_full() {
            let usual = self.window.mean();
            self.value = (usual > 0.0).then(|| volume / usual);
        }
        self.window.push(volume);
    }

    /// The ratio; `None` as well where the bars before had no volume at all.
    #[inline]
    pub fn value(&self) -> Option<f64> {
        self.value
    }

    /// Updates until there is a value.
    pub fn warm_up(&self) -> usize {
        self.window.period() + 1
    }

    /// Adds the state to a hash.
    pub fn hash(&self, hash: &mut StateHash) {
        self.window.hash(hash);
        hash.float(self.value.unwrap_or(-1.0));
    }
}
