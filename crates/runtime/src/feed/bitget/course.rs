//! The course of a market, put together from prices, bars and marks: stretch after stretch without a gap in time.
//!
//! While prices are heard they are the course; where they were not, a bar that is complete says how far the market went
//! meanwhile. It refuses to go back in time: what is known late is met late, and whole.

use super::{Fed, Past};
use edge::paper::Stretch;
use model::{Bar, FundingRate, Interval, Mark, Price, Rate, Time};
use std::collections::{BTreeMap, VecDeque};
use venue::MarkBar;

/// Settlements that are remembered: a month of the shortest interval.
const SETTLED_MAX: usize = 1_024;
/// A stretch lasts at least so long.
const LEAST: Interval = Interval(1);

/// How far the prices of an instant went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Reached {
    low: Price,
    high: Price,
    close: Price,
}

/// A time in which prices were not heard: bars say what they were.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tear {
    from: Time,
    /// When they were heard again.
    to: Option<Time>,
}

/// The course.
#[derive(Debug)]
pub(super) struct Course {
    mark_per_tick: i64,
    interval: Interval,
    /// The market was told until here, and this was its last price; nothing before it was opened.
    until: Time,
    last: Option<Price>,
    /// The mark at that instant, the newest, and how far that was from the price when it was told.
    mark: Option<Mark>,
    newest_mark: Option<Mark>,
    basis: Mark,
    /// Prices of one instant that are not told yet.
    pending: Option<(Time, Reached)>,
    tear: Option<Tear>,
    /// What the ticker says is settled next, and what was settled.
    next: Option<FundingRate>,
    settled: BTreeMap<Time, Rate>,
    /// Settlements up to here are done.
    funded_until: Time,
}

impl Course {
    pub(super) fn begin(mark_per_tick: i64, interval: Interval, past: Past) -> Course {
        let (until, last, tear) = match past {
            Past::New => (Time::default(), None, None),
            Past::Lived { heard_until, price, .. } => {
                let tear = Tear { from: heard_until, to: None };
                (heard_until, Some(price).filter(|price| price.0 > 0), Some(tear))
            }
        };
        Course {
            mark_per_tick,
            interval,
            until,
            last,
            mark: None,
            newest_mark: None,
            basis: Mark::ZERO,
            pending: None,
            tear,
            next: None,
            settled: BTreeMap::new(),
            // A settlement is heard in the instant it is made.
            funded_until: until,
        }
    }

    /// The newest mark, and what is settled next.
    pub(super) fn mark(&mut self, mark: Mark, next: Option<FundingRate>) {
        self.newest_mark = Some(mark);
        if let Some(last) = self.last {
            self.basis = Mark(mark.0 - last.0 * self.mark_per_tick);
        }
        // What is over is settled at the rate that was told last before.
        if let (Some(old), Some(new)) = (self.next, next)
            && new.time > old.time
        {
            self.settled.entry(old.time).or_insert(old.rate);
        }
        self.next = next.or(self.next);
    }

    /// What was settled, as the exchange lists it.
    pub(super) fn settled(&mut self, rates: &[FundingRate]) {
        self.settled.extend(rates.iter().map(|rate| (rate.time, rate.rate)));
        while self.settled.len() > SETTLED_MAX {
            self.settled.pop_first();
        }
    }

    /// A price that can be believed.
    pub(super) fn price(&mut self, at: Time, price: Price, due: &mut VecDeque<Fed>) {
        if let Some((of, reached)) = &mut self.pending
            && at <= *of
        {
            reached.low = reached.low.min(price);
            reached.high = reached.high.max(price);
            reached.close = price;
            return;
        }
        self.flush(due);
        self.pending = Some((at, Reached { low: price, high: price, close: price }));
    }

    /// Tells the prices of the last instant.
    pub(super) fn flush(&mut self, due: &mut VecDeque<Fed>) {
        if let Some((at, reached)) = self.pending.take() {
            self.go(at, None, reached, due);
        }
    }

    /// From here on prices are not heard.
    pub(super) fn tear(&mut self, due: &mut VecDeque<Fed>) {
        self.flush(due);
        let from = self.tear.map_or(self.until, |tear| tear.from);
        self.tear = Some(Tear { from, to: None });
    }

    /// They are heard again, or for the first time.
    pub(super) fn mend(&mut self, at: Time, price: Price, due: &mut VecDeque<Fed>) {
        if self.last.is_none() {
            (self.until, self.last, self.funded_until) = (at, Some(price), at);
            self.mark = self.newest_mark;
            // A market that was never seen before has no gap.
            self.tear = None;
            return due.push_back(Fed::Opened(at, price));
        }
        if let Some(tear) = &mut self.tear {
            tear.to = Some(at.max(tear.from));
        }
        self.go(at, None, Reached { low: price, high: price, close: price }, due);
    }

    /// A complete bar: what of it was not told is told, then it is seen.
    pub(super) fn bar(&mut self, bar: Bar, now: Time, due: &mut VecDeque<Fed>) {
        self.flush(due);
        let ends = bar.open_time + self.interval;
        let whole = Reached { low: bar.low, high: bar.high, close: bar.close };
        let is_torn = self
            .tear
            .is_some_and(|tear| tear.from < ends && tear.to.is_none_or(|to| to > bar.open_time));
        match self.last {
            // Nobody trades before the market has opened.
            None => {}
            Some(_) if ends > self.until && is_torn => {
                self.rest_until(bar.open_time, due);
                let open = (bar.open_time >= self.until).then_some(bar.open);
                self.go(ends, open, whole, due);
            }
            Some(last) if ends > self.until => {
                let (low, high) = (last.min(bar.close), last.max(bar.close));
                self.go(ends, None, Reached { low, high, close: bar.close }, due);
            }
            // It is over, and only now is it known how far the market went.
            Some(last) if is_torn => self.go(now, None, Reached { close: last, ..whole }, due),
            Some(_) => {}
        }
        if self.tear.is_some_and(|tear| tear.to.is_some_and(|to| to <= ends)) {
            self.tear = None;
        }
        due.push_back(Fed::Seen(bar));
    }

    /// The market stood still until then, as far as anybody knows.
    fn rest_until(&mut self, at: Time, due: &mut VecDeque<Fed>) {
        if let Some(last) = self.last.filter(|_| at > self.until) {
            self.go(at, None, Reached { low: last, high: last, close: last }, due);
        }
    }

    /// Goes on to an instant; at settlements on the way it halts.
    fn go(&mut self, to: Time, open: Option<Price>, reached: Reached, due: &mut VecDeque<Fed>) {
        let moves = [reached.low, reached.high, reached.close].iter().any(|price| Some(*price) != self.last);
        if to <= self.until && !moves {
            return;
        }
        let to = to.max(self.until + LEAST);
        let open = open.or(self.last).unwrap_or(reached.close);
        let mut funding = None;
        while let Some(settlement) = self.next_settlement(to) {
            if settlement.time > self.until {
                let still = Reached { low: open, high: open, close: open };
                self.stretch(settlement.time, open, still, funding.take(), due);
            }
            self.funded_until = settlement.time;
            funding = Some(settlement.rate);
        }
        self.stretch(to, open, reached, funding, due);
    }

    /// What is settled first from here on and before an instant.
    fn next_settlement(&self, before: Time) -> Option<FundingRate> {
        let is_due = |time: Time| time > self.funded_until && time >= self.until && time < before;
        let listed = self.settled.iter().find(|(time, _)| is_due(**time));
        let listed = listed.map(|(time, rate)| FundingRate { time: *time, rate: *rate });
        let told = self.next.filter(|next| is_due(next.time) && !self.settled.contains_key(&next.time));
        [listed, told].into_iter().flatten().min_by_key(|settlement| settlement.time)
    }

    fn stretch(
        &mut self,
        to: Time,
        open: Price,
        reached: Reached,
        funding: Option<Rate>,
        due: &mut VecDeque<Fed>,
    ) {
        let Reached { low, high, close } = reached;
        let (low, high) = (low.min(open).min(close), high.max(open).max(close));
        let interval = to - self.until;
        let bar = Bar { open_time: self.until, open, high, low, close, volume: 0.0 };
        let mark = self.marks(&bar);
        due.push_back(Fed::Traded(Stretch { bar, interval, mark, funding }));
        (self.until, self.last, self.mark) = (to, Some(close), Some(mark.close));
    }

    /// Marks over a stretch. Where prices were not heard the mark kept its distance.
    fn marks(&self, bar: &Bar) -> MarkBar {
        let is_unheard = self.tear.is_some_and(|tear| tear.to.is_none());
        match (self.mark.or(self.newest_mark), self.newest_mark) {
            (Some(old), Some(new)) if !is_unheard => {
                MarkBar { open: old, high: old.max(new), low: old.min(new), close: new }
            }
            _ => MarkBar::from_basis(self.mark_per_tick, bar, self.basis),
        }
    }
}
