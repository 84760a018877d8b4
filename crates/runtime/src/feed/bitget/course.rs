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
        let is_torn =
            self.tear.is_some_and(|tear| tear.from < ends && tear.to.is_none_or(|to| to > bar.open_time));
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

#[cfg(test)]
mod tests {
    use super::*;

    const PER_TICK: i64 = 1_000_000_000;
    const NOON: Time = Time(1_760_011_200_000);

    fn bar(open_time: Time, [open, high, low, close]: [i64; 4]) -> Bar {
        let [open, high, low, close] = [open, high, low, close].map(Price);
        Bar { open_time, open, high, low, close, volume: 1.0 }
    }

    fn course(past: Past) -> Course {
        Course::begin(PER_TICK, Interval::MINUTE, past)
    }

    fn lived(heard_until: Time, price: i64) -> Course {
        course(Past::Lived {
            seen_until: heard_until.floor(Interval::MINUTE),
            heard_until,
            price: Price(price),
        })
    }

    fn stretches(due: &VecDeque<Fed>) -> Vec<Stretch> {
        due.iter()
            .filter_map(|fed| if let Fed::Traded(stretch) = fed { Some(*stretch) } else { None })
            .collect()
    }

    fn marked(time: Time, rate: i64) -> Option<FundingRate> {
        Some(FundingRate { time, rate: Rate(rate) })
    }

    #[test]
    fn a_new_farm_sees_the_past_and_trades_only_what_comes_after() {
        let (mut course, mut due) = (course(Past::New), VecDeque::new());
        course.bar(bar(NOON, [10, 12, 9, 11]), NOON + Interval::MINUTE, &mut due);
        course.mend(NOON + Interval(61_000), Price(12), &mut due);
        assert!(matches!(due.make_contiguous(), [Fed::Seen(_), Fed::Opened(_, Price(12))]));
        due.clear();
        let at = NOON + Interval(62_000);
        [13, 15, 14].into_iter().for_each(|price| course.price(at, Price(price), &mut due));
        course.flush(&mut due);
        let told = stretches(&due);
        assert_eq!(told.len(), 1, "what is traded in one instant is one stretch");
        assert_eq!((told[0].bar.open_time, told[0].interval), (NOON + Interval(61_000), Interval::SECOND));
        let bar = told[0].bar;
        assert_eq!([bar.open, bar.low, bar.high, bar.close], [12, 12, 15, 14].map(Price));
        // The bar that was heard whole brings nothing new.
        due.clear();
        course.bar(self::bar(NOON, [10, 99, 1, 11]), at, &mut due);
        assert!(matches!(due.make_contiguous(), [Fed::Seen(_)]));
    }

    #[test]
    fn who_rises_meets_the_bars_that_were_missed_whole() {
        let died = NOON + Interval(30_000);
        let (mut course, mut due) = (lived(died, 100), VecDeque::new());
        let now = NOON + Interval(200_000);
        course.bar(bar(NOON, [101, 105, 90, 95]), now, &mut due);
        course.bar(bar(NOON + Interval::MINUTE, [70, 80, 60, 75]), now, &mut due);
        let told = stretches(&due);
        assert_eq!(told[0].bar, Bar { open_time: died, volume: 0.0, ..bar(died, [100, 105, 90, 95]) });
        assert_eq!(told[1].bar.open, Price(70), "a gap opens where it opened");
        assert_eq!(told[1].bar.low, Price(60));
        // Prices come back in the middle of a minute: what it reached is known when it is over.
        course.mend(NOON + Interval(150_000), Price(74), &mut due);
        due.clear();
        course.bar(bar(NOON + Interval(120_000), [75, 79, 50, 74]), NOON + Interval(180_500), &mut due);
        let told = stretches(&due);
        assert_eq!((told.len(), told[0].bar.low, told[0].bar.high), (1, Price(50), Price(79)));
        due.clear();
        course.bar(bar(NOON + Interval(180_000), [74, 99, 1, 74]), NOON + Interval(240_500), &mut due);
        assert!(stretches(&due).iter().all(|told| told.bar.low == Price(74)), "the next was heard whole");
    }

    #[test]
    fn funding_is_settled_at_its_instant_once_at_the_rate_that_was_told() {
        let (mut course, mut due) = (course(Past::New), VecDeque::new());
        course.mark(Mark(100 * PER_TICK + 7), marked(NOON, 50));
        course.mend(NOON - Interval(2_000), Price(100), &mut due);
        course.mark(Mark(101 * PER_TICK), marked(NOON + Interval::HOUR, 60));
        course.price(NOON + Interval(1_000), Price(102), &mut due);
        course.settled(&[FundingRate { time: NOON, rate: Rate(55) }]);
        course.flush(&mut due);
        course.price(NOON + Interval(2_000), Price(103), &mut due);
        course.flush(&mut due);
        let told = stretches(&due);
        let halts: Vec<_> =
            told.iter().map(|told| (told.bar.open_time, told.bar.close, told.funding)).collect();
        assert_eq!(
            halts,
            [
                (NOON - Interval(2_000), Price(100), None),
                (NOON, Price(102), Some(Rate(55))),
                (NOON + Interval(1_000), Price(103), None),
            ]
        );
        assert_eq!(told[0].mark.open, Mark(100 * PER_TICK + 7), "the mark is the exchange's");
    }

    #[test]
    fn missed_settlements_are_those_of_the_exchanges_list() {
        let (mut course, mut due) = (lived(NOON - Interval(90_000), 100), VecDeque::new());
        course.settled(&[
            FundingRate { time: NOON, rate: Rate(9) },
            FundingRate { time: NOON - Interval::HOUR, rate: Rate(8) },
        ]);
        for minute in [-2, -1, 0, 1] {
            let opens = NOON + Interval(minute * 60_000);
            course.bar(bar(opens, [100, 101, 99, 100]), NOON + Interval::HOUR, &mut due);
        }
        let paid: Vec<_> = stretches(&due)
            .into_iter()
            .filter_map(|told| told.funding.map(|rate| (told.bar.open_time, rate)))
            .collect();
        assert_eq!(paid, [(NOON, Rate(9))]);
    }
}
