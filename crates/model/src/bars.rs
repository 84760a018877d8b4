//! Bars in columns. They are lent as slices and never moved one by one: the hot path reads only the columns it needs.

use crate::{Interval, Price, Time};

/// One bar, put together from the columns where a single one is wanted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bar {
    /// First instant of the bar.
    pub open_time: Time,
    /// First trade.
    pub open: Price,
    /// Highest trade.
    pub high: Price,
    /// Lowest trade.
    pub low: Price,
    /// Last trade.
    pub close: Price,
    /// Traded quantity in the base coin: the market's, not ours, so not in lots.
    pub volume: f64,
}

/// Owned bars of one interval, ascending in time, without duplicates; gaps are allowed.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BarColumns {
    /// Length of each bar.
    pub interval: Interval,
    /// First instants.
    pub open_time: Vec<Time>,
    /// First trades.
    pub open: Vec<Price>,
    /// Highest trades.
    pub high: Vec<Price>,
    /// Lowest trades.
    pub low: Vec<Price>,
    /// Last trades.
    pub close: Vec<Price>,
    /// Volumes in the base coin.
    pub volume: Vec<f64>,
}

/// A borrowed run of bars.
#[derive(Clone, Copy, Debug)]
pub struct Bars<'a> {
    /// Length of each bar.
    pub interval: Interval,
    /// First instants.
    pub open_time: &'a [Time],
    /// First trades.
    pub open: &'a [Price],
    /// Highest trades.
    pub high: &'a [Price],
    /// Lowest trades.
    pub low: &'a [Price],
    /// Last trades.
    pub close: &'a [Price],
    /// Volumes in the base coin.
    pub volume: &'a [f64],
}

impl BarColumns {
    /// No bars yet.
    pub fn new(interval: Interval) -> BarColumns {
        BarColumns { interval, ..BarColumns::default() }
    }

    /// Number of bars.
    pub fn len(&self) -> usize {
        self.open_time.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.open_time.is_empty()
    }

    /// Appends a bar.
    pub fn push(&mut self, bar: Bar) {
        self.open_time.push(bar.open_time);
        self.open.push(bar.open);
        self.high.push(bar.high);
        self.low.push(bar.low);
        self.close.push(bar.close);
        self.volume.push(bar.volume);
    }

    /// All of them, lent.
    pub fn as_bars(&self) -> Bars<'_> {
        let n = self.len();
        assert!(
            [self.open.len(), self.high.len(), self.low.len(), self.close.len(), self.volume.len()] == [n; 5],
            "the columns of a set of bars have one length"
        );
        Bars {
            interval: self.interval,
            open_time: &self.open_time,
            open: &self.open,
            high: &self.high,
            low: &self.low,
            close: &self.close,
            volume: &self.volume,
        }
    }
}

impl<'a> Bars<'a> {
    /// Number of bars.
    #[inline]
    pub fn len(&self) -> usize {
        self.open_time.len()
    }

    /// Whether there are none.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.open_time.is_empty()
    }

    /// The bars of an index range.
    #[inline]
    pub fn slice(&self, from: usize, to: usize) -> Bars<'a> {
        Bars {
            interval: self.interval,
            open_time: &self.open_time[from..to],
            open: &self.open[from..to],
            high: &self.high[from..to],
            low: &self.low[from..to],
            close: &self.close[from..to],
            volume: &self.volume[from..to],
        }
    }

    /// The bars whose open lies in `[from, to)`.
    pub fn between(&self, from: Time, to: Time) -> Bars<'a> {
        let first = self.open_time.partition_point(|&t| t < from);
        let last = self.open_time.partition_point(|&t| t < to).max(first);
        self.slice(first, last)
    }

    /// One bar.
    #[inline]
    pub fn get(&self, i: usize) -> Bar {
        Bar {
            open_time: self.open_time[i],
            open: self.open[i],
            high: self.high[i],
            low: self.low[i],
            close: self.close[i],
            volume: self.volume[i],
        }
    }

    /// The instant at which bar `i` is complete: nothing of it may be known before.
    #[inline]
    pub fn close_time(&self, i: usize) -> Time {
        self.open_time[i] + self.interval
    }
}
