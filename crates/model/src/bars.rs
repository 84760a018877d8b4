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
    /// The first bar's first instant if no bar is missing: then time is arithmetic, and the column, which nothing else
    /// on the hot path reads, stays out of the cache.
    pub even_from: Option<Time>,
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

    /// Empties the columns, keeping their memory.
    pub fn clear(&mut self) {
        self.open_time.clear();
        for column in [&mut self.open, &mut self.high, &mut self.low, &mut self.close] {
            column.clear();
        }
        self.volume.clear();
    }

    /// The first instant if the bars follow each other without a gap; they ascend and do not overlap.
    fn even_from(&self) -> Option<Time> {
        let (first, last) = (*self.open_time.first()?, *self.open_time.last()?);
        (last - first == Interval(self.interval.0 * (self.len() as i64 - 1))).then_some(first)
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
            even_from: self.even_from(),
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
            even_from: self.even_from.map(|first| first + Interval(from as i64 * self.interval.0)),
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

    /// How many leading bars open before `end`; the column of times is not touched where time is arithmetic.
    #[inline]
    pub fn opening_before(&self, end: Time) -> usize {
        let n = self.len();
        if n == 0 || self.open_at(n - 1) < end {
            return n;
        }
        match self.even_from {
            Some(first) => {
                (end.0.saturating_sub(first.0).max(0) as u64).div_ceil(self.interval.0 as u64) as usize
            }
            None => self.open_time.partition_point(|&time| time < end),
        }
    }

    /// One bar.
    #[inline]
    pub fn get(&self, i: usize) -> Bar {
        Bar { volume: self.volume[i], ..self.get_without_volume(i) }
    }

    /// One bar with a volume of zero, for whom volume does not matter: one column less to wait for.
    #[inline]
    pub fn get_without_volume(&self, i: usize) -> Bar {
        Bar {
            open_time: self.open_at(i),
            open: self.open[i],
            high: self.high[i],
            low: self.low[i],
            close: self.close[i],
            volume: 0.0,
        }
    }

    /// Whether every open and close lies between its low and high: sign bits collected over the run, without a branch.
    #[inline]
    pub fn are_sane(&self) -> bool {
        let ranges = self.high.iter().zip(self.low);
        let ends = self.open.iter().zip(self.close);
        let signs = ranges.zip(ends).fold(0, |signs, ((high, low), (open, close))| {
            let above = high.0.wrapping_sub(open.0) | high.0.wrapping_sub(close.0);
            let below = open.0.wrapping_sub(low.0) | close.0.wrapping_sub(low.0);
            signs | above | below
        });
        signs >= 0
    }

    /// The instant at which bar `i` is complete: nothing of it may be known before.
    #[inline]
    pub fn close_time(&self, i: usize) -> Time {
        self.open_at(i) + self.interval
    }

    /// The first instant of bar `i`.
    #[inline]
    pub fn open_at(&self, i: usize) -> Time {
        match self.even_from {
            Some(first) => Time(first.0 + i as i64 * self.interval.0),
            None => self.open_time[i],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_and_search_agree_on_what_opens_before() {
        let mut columns = BarColumns::new(Interval::MINUTE);
        for i in 0..50 {
            let price = Price(100);
            let open_time = Time(90_000 + i * 60_000);
            columns.push(Bar { open_time, open: price, high: price, low: price, close: price, volume: 1.0 });
        }
        let even = columns.as_bars();
        let searched = Bars { even_from: None, ..even };
        assert!(even.even_from.is_some());
        for end in (0..4_000_000).step_by(7_500) {
            assert_eq!(even.opening_before(Time(end)), searched.opening_before(Time(end)), "{end}");
        }
        assert_eq!(even.slice(3, 3).opening_before(Time(0)), 0);
    }

    #[test]
    fn time_is_the_columns_with_and_without_gaps() {
        for gap_at in [None, Some(4)] {
            let mut columns = BarColumns::new(Interval::MINUTE);
            for i in 0..9_i64 {
                let late = i64::from(gap_at.is_some_and(|at| i >= at)) * 3;
                let p = Price(i + 1);
                let open_time = Time((i + late) * 60_000);
                columns.push(Bar { open_time, open: p, high: p, low: p, close: p, volume: 0.0 });
            }
            let all = columns.as_bars();
            assert_eq!(all.even_from.is_none(), gap_at.is_some());
            let part = all.slice(3, 8);
            for i in 0..5 {
                assert_eq!(part.get(i).open_time, columns.open_time[i + 3]);
                assert_eq!(part.close_time(i), columns.open_time[i + 3] + Interval::MINUTE);
            }
        }
    }
}
