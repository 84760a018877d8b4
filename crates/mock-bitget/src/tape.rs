//! What the market of one symbol has done: minutes, marks, funding, trades, and the book as it stands.
//!
//! Minutes grow from whatever stretches the market is handed in; the book is made round the last price, the same for
//! everybody, and every change of it has a number. Refuses to hold more than so many days: the oldest go.

use crate::capture::{Before, BookChange};
use model::{Bar, BarColumns, Instrument, Interval, Mark, Price, Qty, Rate, Side, StateHash, Time};
use std::collections::{BTreeMap, VecDeque};
use venue::MarkBar;

/// Minutes that are kept, beyond which half of the excess goes at once.
const MINUTES_KEPT_MAX: usize = 200 * 1_440;
/// Public trades that are kept.
const TRADES_KEPT_MAX: usize = 1_000;
/// Funding settlements that are kept: 90 days of hourly ones.
const FUNDING_KEPT_MAX: usize = 2_160;
/// Levels of a side of the book.
pub(crate) const LEVELS: i64 = 200;
/// A level changes its size with every so many-th change of the book.
const LEVEL_LASTS: u64 = 8;
/// Where the numbers of changes begin: beyond what a float holds exactly.
const SEQUENCE_FIRST: u64 = 1_304_314_508_780_744_700;

/// A stretch of the market: a bar inside one minute of the clock, or of whole minutes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stretch {
    /// What was traded.
    pub bar: Bar,
    /// How long it is.
    pub interval: Interval,
    /// The mark over it.
    pub mark: MarkBar,
    /// What is settled at its first instant.
    pub funding: Option<Rate>,
}

/// Whether anybody may look at what happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Audience {
    Present,
    /// What was lived before is lived again.
    Gone,
}

/// A trade of the public's.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Trade {
    pub(crate) id: u64,
    pub(crate) price: Price,
    pub(crate) qty: Qty,
    pub(crate) side: Side,
    pub(crate) at: Time,
}

/// A side of the book: absolute sizes by price.
pub(crate) type Levels = BTreeMap<Price, Qty>;

/// The book, or what changed of it (a size of zero goes).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Depth {
    pub(crate) bids: Levels,
    pub(crate) asks: Levels,
    pub(crate) sequence: u64,
    /// Zero in a snapshot.
    pub(crate) previous: u64,
}

/// What 24 hours came to.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Day {
    pub(crate) open: Price,
    pub(crate) high: Price,
    pub(crate) low: Price,
    pub(crate) volume: f64,
    pub(crate) turnover: f64,
}

/// The market of a symbol.
#[derive(Clone, Debug)]
pub(crate) struct Tape {
    instrument: Instrument,
    minutes: BarColumns,
    marks: Vec<Mark>,
    open: Option<Bar>,
    now: Time,
    mark: Mark,
    rising: bool,
    pub(crate) trades: VecDeque<Trade>,
    trade_last: u64,
    pub(crate) funding: VecDeque<(Time, Rate)>,
    book: Depth,
    change: Depth,
    changes: u64,
    origin: BookOrigin,
}

/// Whose book it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BookOrigin {
    Made,
    Captured,
}

impl Tape {
    pub(crate) fn new(instrument: Instrument) -> Tape {
        Tape {
            instrument,
            minutes: BarColumns::new(Interval::MINUTE),
            marks: Vec::new(),
            open: None,
            now: Time(i64::MIN),
            mark: Mark::ZERO,
            rising: true,
            trades: VecDeque::new(),
            trade_last: 1_100_000_000_000_000_000,
            funding: VecDeque::new(),
            book: Depth { sequence: SEQUENCE_FIRST, ..Depth::default() },
            change: Depth::default(),
            changes: 0,
            origin: BookOrigin::Made,
        }
    }

    /// Until when the market is known.
    pub(crate) fn now(&self) -> Time {
        self.now
    }

    pub(crate) fn last(&self) -> Price {
        self.open.map(|bar| bar.close).or(self.minutes.close.last().copied()).unwrap_or(Price::ZERO)
    }

    pub(crate) fn mark(&self) -> Mark {
        self.mark
    }

    pub(crate) fn price_f64(&self, ticks: i64) -> f64 {
        ticks as f64 * self.instrument.tick.as_f64()
    }

    pub(crate) fn ask(&self) -> Price {
        if let (BookOrigin::Captured, Some((ask, _))) = (self.origin, self.book.asks.first_key_value()) {
            return *ask;
        }
        if self.rising { self.last() } else { self.last() + Price(1) }
    }

    pub(crate) fn bid(&self) -> Price {
        if let (BookOrigin::Captured, Some((bid, _))) = (self.origin, self.book.bids.last_key_value()) {
            return *bid;
        }
        self.ask() - Price(1)
    }

    pub(crate) fn book(&self) -> &Depth {
        &self.book
    }

    pub(crate) fn change(&self) -> &Depth {
        &self.change
    }

    /// The past, before anybody listens: no trades, no book.
    pub(crate) fn remember(&mut self, stretch: &Stretch) {
        let Stretch { bar, interval, mark, funding } = stretch;
        if *interval > Interval::MINUTE {
            minutes_of(bar, *interval).for_each(|minute| self.remember_part(&minute, Interval::MINUTE));
        } else {
            self.remember_part(bar, *interval);
        }
        if let Some(rate) = funding {
            self.funding.push_back((bar.open_time, *rate));
            if self.funding.len() > FUNDING_KEPT_MAX {
                self.funding.pop_front();
            }
        }
        if bar.close != bar.open {
            self.rising = bar.close > bar.open;
        }
        self.mark = mark.close;
    }

    fn remember_part(&mut self, bar: &Bar, interval: Interval) {
        let end = bar.open_time + interval;
        let minute = bar.open_time.floor(Interval::MINUTE);
        assert!(end <= minute + Interval::MINUTE, "a stretch lies inside one minute, or is whole ones");
        match &mut self.open {
            Some(open) if open.open_time == minute => {
                open.high = open.high.max(bar.high);
                open.low = open.low.min(bar.low);
                open.close = bar.close;
                open.volume += bar.volume;
            }
            _ => {
                self.close_minute();
                self.open = Some(Bar { open_time: minute, ..*bar });
            }
        }
        self.now = end;
    }

    /// What is traded now: trades are told and the book moves.
    pub(crate) fn take(&mut self, stretch: &Stretch, audience: Audience, change: Option<&BookChange>) {
        self.remember(stretch);
        let bar = &stretch.bar;
        let lots = (bar.volume / self.instrument.lot.as_f64()).round() as i64;
        // The extremes were traded too, the adverse one first, as the engine walks.
        let (first, second) = if bar.close >= bar.open { (bar.low, bar.high) } else { (bar.high, bar.low) };
        let mut before = bar.open;
        let prices = [first, second, bar.close];
        for (index, price) in prices.into_iter().enumerate() {
            if price == before && index < 2 {
                continue;
            }
            let side = if price >= before { Side::Buy } else { Side::Sell };
            before = price;
            self.trade_last += 1;
            let share = Interval(stretch.interval.0 * (index as i64 + 1) / 3 - 1);
            let at = bar.open_time + Interval(share.0.max(0));
            self.trades.push_back(Trade {
                id: self.trade_last,
                price,
                qty: Qty((lots / 3).max(1)),
                side,
                at,
            });
        }
        while self.trades.len() > TRADES_KEPT_MAX {
            self.trades.pop_front();
        }
        match (change, audience) {
            (Some(change), _) => self.follow_book(change),
            (None, Audience::Present) => self.move_book(),
            (None, Audience::Gone) => self.count_change(),
        }
    }

    /// The book as it was captured.
    fn follow_book(&mut self, change: &BookChange) {
        self.origin = BookOrigin::Captured;
        let follow = |side: &Levels, change_of: &Levels| {
            let mut next = if change.from == Before::Nothing { Levels::new() } else { side.clone() };
            next.extend(change_of.iter().map(|(price, qty)| (*price, *qty)));
            next.retain(|_, qty| qty.0 > 0);
            next
        };
        let (bids, asks) = (follow(&self.book.bids, &change.bids), follow(&self.book.asks, &change.asks));
        self.become_book(bids, asks);
    }

    /// Puts the book where it is, after nobody was there to see it move.
    pub(crate) fn find_book(&mut self) {
        if self.origin == BookOrigin::Captured {
            return;
        }
        let (bids, asks) = self.sides_after(self.changes);
        self.book = Depth { bids, asks, ..std::mem::take(&mut self.book) };
    }

    fn count_change(&mut self) {
        self.changes += 1;
        self.book.previous = 0;
        self.book.sequence += 1 + self.changes % 5;
    }

    fn close_minute(&mut self) {
        let Some(bar) = self.open.take() else { return };
        self.minutes.push(bar);
        self.marks.push(self.mark);
        let excess = self.minutes.len().saturating_sub(MINUTES_KEPT_MAX);
        if excess * 4 > MINUTES_KEPT_MAX {
            let kept = self.minutes.as_bars().slice(excess, self.minutes.len());
            let mut minutes = BarColumns::new(Interval::MINUTE);
            (0..kept.len()).for_each(|i| minutes.push(kept.get(i)));
            self.minutes = minutes;
            self.marks.drain(..excess);
        }
    }

    /// The next book and what changed.
    fn move_book(&mut self) {
        let (bids, asks) = self.sides_after(self.changes + 1);
        self.become_book(bids, asks);
    }

    fn become_book(&mut self, bids: Levels, asks: Levels) {
        let previous = self.book.sequence;
        self.count_change();
        let sequence = self.book.sequence;
        let changed = (difference(&self.book.bids, &bids), difference(&self.book.asks, &asks));
        self.change = Depth { bids: changed.0, asks: changed.1, sequence, previous };
        self.book = Depth { bids, asks, sequence, previous: 0 };
    }

    /// The sides of a made book after so many changes.
    fn sides_after(&self, changes: u64) -> (Levels, Levels) {
        let level = |price: i64| {
            let mut hash = StateHash::default();
            hash.int(price);
            hash.word((changes + price.unsigned_abs()) / LEVEL_LASTS);
            // Small numbers are mixed badly by one round.
            hash.word(0x5EED);
            (Price(price), Qty(1 + (hash.finish() >> 40) as i64 % 5_000))
        };
        let (bid, ask) = (self.bid().0, self.ask().0);
        let bids = (0..LEVELS).map(|away| bid - away).filter(|price| *price > 0).map(level).collect();
        (bids, (0..LEVELS).map(|away| level(ask + away)).collect())
    }

    /// Minutes that open in `[from, to]`, the open one included.
    pub(crate) fn minutes_between(&self, from: Time, to: Time) -> impl Iterator<Item = Bar> + '_ {
        let closed = self.minutes.as_bars().between(from, Time(to.0.saturating_add(1)));
        let open = self.open.filter(|bar| bar.open_time >= from && bar.open_time <= to);
        (0..closed.len()).map(move |i| closed.get(i)).chain(open)
    }

    /// What the mark was away from the price at the last close of a minute.
    pub(crate) fn basis(&self) -> Mark {
        self.mark - self.instrument.mark_of(self.last())
    }

    pub(crate) fn day(&self) -> Day {
        let from = self.now - Interval::DAY;
        let mut day = Day::default();
        for minute in self.minutes_between(from, self.now) {
            if day.open.0 == 0 {
                day = Day { open: minute.open, low: minute.low, ..day };
            }
            day.high = day.high.max(minute.high);
            day.low = day.low.min(minute.low);
            day.volume += minute.volume;
            day.turnover += minute.volume * self.price_f64((minute.open + minute.close).0) / 2.0;
        }
        day
    }

    /// The price at which the present day opened, midnight `shift` after UTC's.
    pub(crate) fn day_open(&self) -> Price {
        let midnight = self.now.floor(Interval::DAY);
        self.minutes_between(midnight, self.now).next().map_or(self.last(), |minute| minute.open)
    }

    /// When the next funding instant is.
    pub(crate) fn funding_next(&self) -> Time {
        self.now.floor(self.instrument.funding_interval) + self.instrument.funding_interval
    }

    pub(crate) fn funding_rate(&self) -> Rate {
        self.funding.back().map_or(Rate::BASIS_POINT, |settled| settled.1)
    }
}

/// The minutes of a longer bar, which nobody has recorded: its path in equal parts, over its two extremes, the adverse one
/// first.
fn minutes_of(bar: &Bar, interval: Interval) -> impl Iterator<Item = Bar> {
    let whole = *bar;
    let count = interval.0 / Interval::MINUTE.0;
    assert!(count * Interval::MINUTE.0 == interval.0, "a stretch lies inside one minute, or is whole ones");
    let (first, second) = if bar.close >= bar.open { (bar.low, bar.high) } else { (bar.high, bar.low) };
    let knots = [bar.open, first, second, bar.close].map(|price| price.0);
    // Three legs, each of `count` parts; a minute is three of them.
    let at = move |part: i64| {
        let (leg, done) = ((part / count).min(2), part - (part / count).min(2) * count);
        let (from, to) = (knots[leg as usize], knots[leg as usize + 1]);
        Price(from + (to - from) * done / count)
    };
    (0..count).map(move |minute| {
        let parts = (3 * minute..=3 * minute + 3).map(at);
        let passed = knots.iter().enumerate().filter(move |(knot, _)| {
            let part = *knot as i64 * count;
            (3 * minute..=3 * minute + 3).contains(&part)
        });
        let touched = || parts.clone().chain(passed.clone().map(|(_, price)| Price(*price)));
        let (low, high) = (touched().min(), touched().max());
        Bar {
            open_time: whole.open_time + Interval(minute * Interval::MINUTE.0),
            open: at(3 * minute),
            high: high.expect("a minute has prices"),
            low: low.expect("a minute has prices"),
            close: at(3 * minute + 3),
            volume: whole.volume / count as f64,
        }
    })
}

/// What has to be said for the one to become the other.
fn difference(old: &Levels, new: &Levels) -> Levels {
    let changed = new.iter().filter(|(price, qty)| old.get(price) != Some(qty));
    let gone = old.keys().filter(|price| !new.contains_key(price)).map(|price| (*price, Qty::ZERO));
    changed.map(|(price, qty)| (*price, *qty)).chain(gone).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stretch(at: i64, ms: i64, prices: [i64; 4]) -> Stretch {
        let [open, high, low, close] = prices.map(Price);
        let bar = Bar { open_time: Time(at), open, high, low, close, volume: 3.0 };
        let i = Instrument::btcusdt();
        let mark = MarkBar::from_basis(i.mark_per_tick(), &bar, Mark::ZERO);
        Stretch { bar, interval: Interval(ms), mark, funding: None }
    }

    #[test]
    fn minutes_grow_from_stretches() {
        let mut tape = Tape::new(Instrument::btcusdt());
        tape.take(&stretch(60_000, 30_000, [100, 110, 90, 105]), Audience::Present, None);
        tape.take(&stretch(90_000, 30_000, [105, 130, 101, 102]), Audience::Present, None);
        tape.take(&stretch(120_000, 60_000, [102, 103, 80, 81]), Audience::Present, None);
        let minutes: Vec<Bar> = tape.minutes_between(Time(0), Time(i64::MAX - 1)).collect();
        assert_eq!(minutes.len(), 2);
        let first = minutes[0];
        assert_eq!(
            (first.open, first.high, first.low, first.close),
            (Price(100), Price(130), Price(90), Price(102))
        );
        assert_eq!((first.volume, tape.last(), tape.now()), (6.0, Price(81), Time(180_000)));
        let day = tape.day();
        assert_eq!((day.open, day.high, day.low, day.volume), (Price(100), Price(130), Price(80), 9.0));
        let told: Vec<i64> = tape.trades.iter().map(|trade| trade.price.0).collect();
        assert_eq!(told, [90, 110, 105, 130, 101, 102, 103, 80, 81]);
    }

    #[test]
    fn a_long_bar_is_minutes_that_add_up_to_it() {
        for count in [2, 5, 7, 60, 1_440] {
            for prices in [[100, 900, 50, 700], [700, 900, 50, 100], [100, 100, 100, 100], [5, 9, 5, 9]] {
                let mut tape = Tape::new(Instrument::btcusdt());
                tape.take(&stretch(600_000, count * 60_000, prices), Audience::Present, None);
                let minutes: Vec<Bar> = tape.minutes_between(Time(0), Time(i64::MAX - 1)).collect();
                assert_eq!(minutes.len() as i64, count);
                let (first, last) = (minutes[0], minutes[minutes.len() - 1]);
                let high = minutes.iter().map(|minute| minute.high.0).max().unwrap();
                let low = minutes.iter().map(|minute| minute.low.0).min().unwrap();
                assert_eq!([first.open.0, high, low, last.close.0], prices, "{count} minutes");
                assert_eq!(tape.now(), last.open_time + Interval::MINUTE);
                assert!(minutes.windows(2).all(|pair| pair[0].close == pair[1].open));
            }
        }
    }

    #[test]
    fn a_book_is_the_one_before_and_its_changes() {
        let mut tape = Tape::new(Instrument::btcusdt());
        tape.take(&stretch(60_000, 1_000, [10_000, 10_000, 10_000, 10_000]), Audience::Present, None);
        for i in 1..50 {
            let before = tape.book().clone();
            let (from, to) = (10_000 + i % 7, 10_000 + (i + 1) % 7);
            tape.take(
                &stretch(60_000 + i * 1_000, 1_000, [from, from.max(to), from.min(to), to]),
                Audience::Present,
                None,
            );
            let change = tape.change();
            assert_eq!(change.previous, before.sequence);
            let apply = |mut side: Levels, change: &Levels| {
                side.extend(change.iter().map(|(price, qty)| (*price, *qty)));
                side.retain(|_, qty| qty.0 > 0);
                side
            };
            assert_eq!(apply(before.bids, &change.bids), tape.book().bids);
            assert_eq!(apply(before.asks, &change.asks), tape.book().asks);
            assert!(tape.book().bids.last_key_value() < tape.book().asks.first_key_value());
            assert!(change.asks.len() < LEVELS as usize, "not all changes at once");
        }
    }
}
