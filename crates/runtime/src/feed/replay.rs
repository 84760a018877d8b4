//! A market from a file: its bars, one after the other, at a pace.
//!
//! It refuses to loop: where the file ends, the market stands still and says so.

use super::{Fed, Feed, Pace};
use edge::paper::Stretch;
use model::{BarColumns, FundingRate, Instrument, Interval, MarkColumns, Time};
use std::collections::VecDeque;
use std::time::Duration;
use venue::MarkBar;

/// A recorded market.
#[derive(Debug)]
pub struct Replay {
    recorded: Recorded,
    pace: Option<Pace>,
    speed: f64,
    at: usize,
    due: VecDeque<Fed>,
}

/// What was recorded.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// Of what.
    pub instrument: Instrument,
    /// Its bars.
    pub bars: BarColumns,
    /// Marks of the same bars, where they were recorded; else the mark is the price.
    pub marks: Option<MarkColumns>,
    /// Funding, in order.
    pub funding: Vec<FundingRate>,
}

impl Recorded {
    fn stretch(&self, at: usize) -> Stretch {
        let (bar, interval) = (self.bars.as_bars().get(at), self.bars.interval);
        let price_marks = || MarkBar::from_basis(self.instrument.mark_per_tick(), &bar, model::Mark::ZERO);
        let mark = self.marks.as_ref().and_then(|marks| {
            let i = marks.open_time.binary_search(&bar.open_time).ok()?;
            Some(MarkBar {
                open: marks.open[i],
                high: marks.high[i],
                low: marks.low[i],
                close: marks.close[i],
            })
        });
        let due =
            self.funding.iter().find(|due| due.time >= bar.open_time && due.time < bar.open_time + interval);
        Stretch { bar, interval, mark: mark.unwrap_or_else(price_marks), funding: due.map(|due| due.rate) }
    }
}

impl Replay {
    /// The bars behind `warm_up` of them, or behind what a farm has seen.
    pub fn begin(recorded: Recorded, warm_up: usize, speed: f64, seen_until: Option<Time>) -> Replay {
        let bars = recorded.bars.as_bars();
        let at = match seen_until {
            Some(seen) => bars.open_time.partition_point(|opens| *opens < seen),
            None => warm_up.min(bars.len()),
        };
        let mut due = VecDeque::new();
        if seen_until.is_none() {
            due.extend((0..at).map(|past| Fed::Seen(bars.get(past))));
            if at < bars.len() {
                due.push_back(Fed::Opened(bars.open_time[at], bars.open[at]));
            }
        }
        Replay { recorded, pace: None, speed, at, due }
    }

    fn ends(&self) -> Option<Time> {
        let bars = self.recorded.bars.as_bars();
        bars.open_time.get(self.at).map(|opens| *opens + self.recorded.bars.interval)
    }

    fn until(&mut self, at: Time) -> Duration {
        let (interval, speed) = (self.recorded.bars.interval, self.speed);
        // It begins when it is first looked at.
        self.pace.get_or_insert_with(|| Pace::begin(at - interval, speed)).until(at)
    }

    /// Length of its bars.
    pub fn interval(&self) -> Interval {
        self.recorded.bars.interval
    }
}

impl Feed for Replay {
    fn next(&mut self) -> Option<Fed> {
        if let Some(fed) = self.due.pop_front() {
            return Some(fed);
        }
        let ends = self.ends()?;
        if !self.until(ends).is_zero() {
            return None;
        }
        let stretch = self.recorded.stretch(self.at);
        self.at += 1;
        self.due.push_back(Fed::Seen(stretch.bar));
        Some(Fed::Traded(stretch))
    }

    fn due(&mut self) -> Option<Duration> {
        if !self.due.is_empty() {
            return Some(Duration::ZERO);
        }
        let ends = self.ends()?;
        Some(self.until(ends))
    }
}
