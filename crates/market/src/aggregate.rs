//! Bars into larger bars: tight loops over columns for base bars, plain merging for closed ones.
//!
//! It refuses to know about time: which bars belong together is decided by `market`. Volume is summed over base bars,
//! strictly from left to right, for every frame: the sum has the same bits however the bars were sliced and whichever
//! other frames are kept.

use crate::Frame;
use model::{Bars, StateHash, Time};

/// A closed bar of a frame. Prices are ticks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct FrameBar {
    /// Start of the frame's slot; the first trade may have come later.
    pub open_time: Time,
    /// First trade.
    pub open: f64,
    /// Highest trade.
    pub high: f64,
    /// Lowest trade.
    pub low: f64,
    /// Last trade.
    pub close: f64,
    /// Volume in the base coin.
    pub volume: f64,
}

model::value!(FrameBar { open_time, open, high, low, close, volume });

impl FrameBar {
    /// `(high + low + close) / 3`.
    #[inline]
    pub fn typical_price(&self) -> f64 {
        (self.high + self.low + self.close) / 3.0
    }

    /// Takes in the prices of the bar that follows.
    #[inline]
    pub fn merge_prices(&mut self, next: &FrameBar) {
        self.high = if next.high > self.high { next.high } else { self.high };
        self.low = if next.low < self.low { next.low } else { self.low };
        self.close = next.close;
    }

    /// Adds the bar to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        hash.int(self.open_time.0);
        for value in [self.open, self.high, self.low, self.close, self.volume] {
            hash.float(value);
        }
    }
}

/// The bar of the smallest kept frame while its base bars arrive; prices stay integers until it closes.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct OpenBar {
    open: i64,
    high: i64,
    low: i64,
    close: i64,
}

model::value!(OpenBar { open, high, low, close });

/// Sums of volume, one for each frame that can be kept.
pub type Volumes = [f64; Frame::ALL.len()];

/// Adds base bars to every sum: side by side they cost what one costs.
#[inline]
pub fn add_volumes(volumes: &mut Volumes, bars: &[f64]) {
    let mut sums = *volumes;
    for &traded in bars {
        for sum in &mut sums {
            *sum += traded;
        }
    }
    *volumes = sums;
}

/// Largest tick count that a float holds exactly.
const TICKS_MAX: i64 = 1 << 53;

impl OpenBar {
    /// An open bar of at least one base bar.
    #[inline]
    pub fn start(bars: Bars<'_>) -> OpenBar {
        let mut bar = OpenBar { open: bars.open[0].0, high: i64::MIN, low: i64::MAX, close: 0 };
        bar.extend(bars);
        bar
    }

    /// Base bar `i`, by itself.
    #[inline]
    pub fn of(bars: &Bars<'_>, i: usize) -> OpenBar {
        OpenBar { open: bars.open[i].0, high: bars.high[i].0, low: bars.low[i].0, close: bars.close[i].0 }
    }

    /// Takes in the base bars that follow, at least one.
    #[inline]
    pub fn extend(&mut self, bars: Bars<'_>) {
        let (mut high, mut low) = (self.high, self.low);
        for price in bars.high {
            high = high.max(price.0);
        }
        for price in bars.low {
            low = low.min(price.0);
        }
        self.high = high;
        self.low = low;
        self.close = bars.close[bars.len() - 1].0;
    }

    /// The closed bar of the slot that starts at `open_time`, in which this volume was traded.
    #[inline]
    pub fn close(&self, open_time: Time, volume: f64) -> FrameBar {
        assert!(self.high < TICKS_MAX && self.low > -TICKS_MAX, "a price in ticks fits a float exactly");
        assert!(
            self.low <= self.open
                && self.low <= self.close
                && self.open <= self.high
                && self.close <= self.high,
            "open and close lie between low and high"
        );
        assert!((0.0..=f64::MAX).contains(&volume), "a volume is a finite number, not negative");
        FrameBar {
            open_time,
            open: self.open as f64,
            high: self.high as f64,
            low: self.low as f64,
            close: self.close as f64,
            volume,
        }
    }

    /// Adds the unfinished bar to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        for value in [self.open, self.high, self.low, self.close] {
            hash.int(value);
        }
    }
}
