//! The way through one bar, tick by tick: the price stands somewhere, takes a step, and everybody is asked whether that
//! was his.
//!
//! The open with what it gapped through; what arrives inside; the extreme that hurts the position, the other one, the
//! close. It refuses to look ahead.

use super::account::{Account, Order, Seen, Waits, line_of};
use super::terms::Terms;
use model::{Bar, Interval, Liquidity, Report, Request, Side, Time};
use venue::{Direction, MarkBar};

/// Most that may happen on one way: more would be a way without end.
const EVENTS_MAX: usize = 1_024;

/// What happens next on the way.
#[derive(Clone, Copy, Debug)]
enum Hit {
    Order { index: usize, level: i128 },
    Lost { tick: i128 },
}

/// How far prices and marks of a part of the path reach.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    low: i128,
    high: i128,
    mark_low: i128,
    mark_high: i128,
}

impl Stretch {
    /// Where a way begins and where it ends.
    fn ends(&self, way: Direction) -> (i128, i128) {
        if way == Direction::Down { (self.high, self.low) } else { (self.low, self.high) }
    }

    fn last_mark(&self, way: Direction) -> i128 {
        if way == Direction::Down { self.mark_low } else { self.mark_high }
    }
}

pub struct Walk<'a> {
    pub terms: &'a Terms,
    pub account: &'a mut Account,
    pub said: &'a mut Vec<(Time, Report)>,
    pub bar: Bar,
    pub interval: Interval,
    pub marks: MarkBar,
    pub mark: i128,
    pub now: Time,
    pub elapsed_ms: i64,
    /// Whether the first instant is over.
    pub inside: bool,
    /// Lots that may still fill.
    pub budget: Option<i128>,
    /// Where the price stands.
    pub here: i128,
}

fn sign(way: Direction) -> i128 {
    i128::from(way.sign())
}

impl<'a> Walk<'a> {
    pub fn new(
        terms: &'a Terms,
        account: &'a mut Account,
        said: &'a mut Vec<(Time, Report)>,
        bar: Bar,
        interval: Interval,
        marks: MarkBar,
    ) -> Walk<'a> {
        let budget = account.settings.models.participation.map(|share| terms.budget(bar.volume, share));
        let (mark, now, here) = (i128::from(marks.open.0), bar.open_time, i128::from(bar.open.0));
        let (elapsed_ms, inside) = (0, false);
        Walk { terms, account, said, bar, interval, marks, mark, now, elapsed_ms, inside, budget, here }
    }

    pub fn report(&mut self, report: Report) {
        self.said.push((self.now, report));
    }

    pub fn open(&self) -> i128 {
        i128::from(self.bar.open.0)
    }

    /// Walks the bar.
    pub fn run(&mut self) {
        for line in self.account.lines() {
            self.lose_at_open(*line);
        }
        while let Some(request) = self.next_coming(self.bar.open_time) {
            self.handle(&request);
        }
        self.fill_what_waits();
        for line in self.account.lines() {
            let first = self.hurts(*line).unwrap_or(Direction::Down);
            self.sweep(*line, first, &self.gap());
            self.sweep(*line, first.opposite(), &self.gap());
        }
        self.inside = true;
        let last = self.bar.open_time + self.interval - Interval(1);
        while let Some(request) = self.next_coming(last) {
            for line in self.account.lines() {
                if let Some(way) = self.hurts(*line) {
                    // Who came before may have met the market on the other side of the open.
                    self.here = self.arrival(if way == Direction::Down { Side::Buy } else { Side::Sell });
                    self.go_on(*line, way, &self.until_now(way));
                }
            }
            self.handle(&request);
        }
        self.elapsed_ms = 0;
        self.now = last;
        for line in self.account.lines() {
            let rising = self.bar.close >= self.bar.open;
            let first = self.hurts(*line).unwrap_or(if rising { Direction::Down } else { Direction::Up });
            self.sweep(*line, first, &self.whole());
            self.sweep(*line, first.opposite(), &self.whole());
            self.close(*line);
        }
        self.lose_at_close();
        self.account.orders.iter_mut().for_each(|order| order.seen = Seen::AllOfIt);
    }

    /// The next request that has arrived by `until`; the time becomes its own.
    fn next_coming(&mut self, until: Time) -> Option<Request> {
        let (arrival, request) = *self.account.coming.front().filter(|(arrival, _)| *arrival <= until)?;
        self.account.coming.pop_front();
        if self.inside {
            self.now = arrival;
            self.elapsed_ms = arrival.0 - self.bar.open_time.0;
        }
        Some(request)
    }

    fn basis(&self) -> i128 {
        i128::from(self.marks.open.0) - self.open() * self.terms.mark_per_tick
    }

    pub fn mark_at(&self, price: i128) -> i128 {
        let moved = price * self.terms.mark_per_tick + self.basis();
        moved.clamp(i128::from(self.marks.low.0), i128::from(self.marks.high.0))
    }

    /// The way that costs a position money.
    pub fn hurts(&self, line: usize) -> Option<Direction> {
        match self.account.held[line].qty {
            0 => None,
            1.. => Some(Direction::Down),
            _ => Some(Direction::Up),
        }
    }

    fn gap(&self) -> Stretch {
        let (price, mark) = (self.open(), i128::from(self.marks.open.0));
        Stretch { low: price, high: price, mark_low: mark, mark_high: mark }
    }

    fn whole(&self) -> Stretch {
        Stretch {
            low: i128::from(self.bar.low.0),
            high: i128::from(self.bar.high.0),
            mark_low: i128::from(self.marks.low.0),
            mark_high: i128::from(self.marks.high.0),
        }
    }

    /// From the open as far the bad way as it has led by now.
    fn until_now(&self, way: Direction) -> Stretch {
        let mut stretch = self.gap();
        if way == Direction::Down {
            stretch.low = self.arrival(Side::Sell);
            stretch.mark_low = stretch.mark_low.min(self.mark_at(stretch.low));
        } else {
            stretch.high = self.arrival(Side::Buy);
            stretch.mark_high = stretch.mark_high.max(self.mark_at(stretch.high));
        }
        stretch
    }

    /// Where an order meets the market by now: on the straight way from the open to the extreme that is bad for it.
    pub fn arrival(&self, side: Side) -> i128 {
        let extreme = if side == Side::Buy { self.bar.high } else { self.bar.low };
        let whole = i128::from(extreme.0 - self.bar.open.0).abs();
        let mut ticks = 0;
        while ticks * i128::from(self.interval.0) < whole * i128::from(self.elapsed_ms) {
            ticks += 1;
        }
        self.open() + i128::from(side.sign()) * ticks
    }

    /// Who is lost at the first instant is taken over before anybody trades, unless an order of his was on the way.
    fn lose_at_open(&mut self, line: usize) {
        let Some(bad) = self.hurts(line) else { return };
        for way in [bad, bad.opposite()] {
            if let Some(Hit::Lost { tick }) = self.next_hit(line, way, &self.gap()) {
                return self.liquidate_at(line, way, tick);
            }
        }
    }

    /// Whoever is lost when the bar is over is taken over at its close.
    fn lose_at_close(&mut self) {
        let (price, mark) = (i128::from(self.bar.close.0), i128::from(self.marks.close.0));
        for line in self.account.lines() {
            if [Direction::Down, Direction::Up].iter().any(|way| self.is_lost_on(*line, *way, mark)) {
                self.mark = mark;
                self.liquidate(*line, price);
            }
        }
    }

    fn fill_what_waits(&mut self) {
        self.mark = i128::from(self.marks.open.0);
        self.here = self.open();
        while self.budget != Some(0) {
            let waiting = |exit: bool| {
                let waits = |order: &Order| order.waits == Waits::ForVolume && order.reduce_only == exit;
                self.account.orders.iter().position(waits)
            };
            let Some(index) = waiting(true).or(waiting(false)) else { return };
            self.take(index, self.open(), None, true);
        }
    }

    /// One way to its end; whoever is opened against it sees the other end first.
    fn sweep(&mut self, line: usize, way: Direction, stretch: &Stretch) {
        self.here = stretch.ends(way).0;
        self.go_on(line, way, stretch);
    }

    fn go_on(&mut self, line: usize, way: Direction, stretch: &Stretch) {
        for _ in 0..EVENTS_MAX {
            match self.next_hit(line, way, stretch) {
                None => return,
                Some(Hit::Lost { tick }) => self.liquidate_at(line, way, tick),
                Some(Hit::Order { index, level }) => {
                    self.here = further(way, level, self.here);
                    let opened = self.strike(index, level);
                    if opened > 0 && self.hurts(line) == Some(way.opposite()) {
                        self.sweep(line, way.opposite(), stretch);
                        self.here = stretch.ends(way).0;
                    }
                }
            }
        }
        panic!("a way ends");
    }

    /// Step by step from the beginning of a stretch. What lies behind its beginning is met there, the farthest first.
    fn next_hit(&self, line: usize, way: Direction, stretch: &Stretch) -> Option<Hit> {
        let (begin, end) = stretch.ends(way);
        let s = sign(way);
        let lost = self.is_lost_on(line, way, stretch.last_mark(way));
        let (mut depth, mut deepest) = (s * begin, s * end);
        if lost {
            depth = depth.min(s * self.tick_beyond(self.account.changed_at[line], way));
            deepest = deepest.max(s * self.tick_beyond(stretch.last_mark(way), way));
        }
        let ready = |order: &Order| self.level_met(order, line, way, end);
        let levels = || self.account.orders.iter().enumerate().filter_map(|(at, o)| Some((at, ready(o)?)));
        depth = depth.min(levels().map(|(_, (level, _))| s * level).min().unwrap_or(depth));
        if !lost && levels().next().is_none() {
            return None;
        }
        while depth <= deepest {
            let tick = s * depth;
            let mark = nearer(way, tick * self.terms.mark_per_tick + self.basis(), stretch.last_mark(way));
            if lost && self.is_lost_on(line, way, mark) {
                return Some(Hit::Lost { tick });
            }
            let touched = levels().find(|(_, met)| *met == (tick, true));
            let through = || levels().find(|(_, met)| *met == (tick, false));
            if let Some((index, _)) = touched.or_else(through) {
                return Some(Hit::Order { index, level: tick });
            }
            // Nothing is between what lies far behind and the beginning.
            depth += 1;
            if depth < s * begin && !lost {
                let next = levels().map(|(_, (level, _))| s * level).filter(|level| *level >= depth).min();
                depth = next.unwrap_or(depth).max(depth);
            }
        }
        None
    }

    /// The level of an order that a way to `end` sets off, and whether a touch is enough for it.
    fn level_met(&self, order: &Order, line: usize, way: Direction, end: i128) -> Option<(i128, bool)> {
        if order.line() != line {
            return None;
        }
        let along = (order.side == Side::Buy) == (way == Direction::Up);
        let s = sign(way);
        if along {
            return order.stops_at().filter(|level| s * end >= s * level).map(|level| (level, true));
        }
        let dry = self.budget == Some(0) && matches!(order.waits, Waits::ToRest { .. });
        let level = order.gains_at().filter(|level| s * end > s * level)?;
        (order.seen == Seen::AllOfIt && !dry).then_some((level, false))
    }

    /// Whether a line is lost by the time its mark has gone as far as `mark` this way.
    fn is_lost_on(&self, line: usize, way: Direction, mark: i128) -> bool {
        let Some(bad) = self.hurts(line) else { return false };
        let other = self.account.held[1 - line].qty != 0;
        if bad != way && !self.account.is_isolated() && other {
            // The other leg answers for that way.
            return false;
        }
        let from = self.account.changed_at[line].max(1);
        sign(way) * mark.max(1) >= sign(way) * from && self.account.is_lost_until(self.terms, line, mark)
    }

    /// The tick at or beyond a mark on the way to it.
    pub fn tick_beyond(&self, mark: i128, way: Direction) -> i128 {
        tick_of(mark - self.basis(), self.terms.mark_per_tick, way)
    }

    fn liquidate_at(&mut self, line: usize, way: Direction, tick: i128) {
        let (open, low, high) = (self.open(), i128::from(self.bar.low.0), i128::from(self.bar.high.0));
        let price = match way {
            _ if !self.inside => open,
            Direction::Down => tick.clamp(low, open),
            Direction::Up => tick.clamp(open, high),
        };
        self.mark = self.mark_at(price);
        self.liquidate(line, price);
    }

    /// Lets an order act at its level. Returns the lots it opened.
    fn strike(&mut self, index: usize, level: i128) -> i128 {
        self.mark = if self.inside { self.mark_at(self.here) } else { i128::from(self.marks.open.0) };
        let order = &mut self.account.orders[index];
        match order.waits {
            Waits::ForVolume => unreachable!("it has no level"),
            Waits::ToRest { price } => {
                let took = order.seen == Seen::ItsEndAsTaker;
                self.fill(index, price, if took { Liquidity::Taker } else { Liquidity::Maker }, true)
            }
            Waits::ToStopLimit { price, .. } => {
                order.waits = Waits::ToRest { price };
                order.seen = Seen::ItsEndAsTaker;
                let id = order.id;
                self.report(Report::Triggered { id });
                0
            }
            Waits::ToStop { .. } | Waits::ToTrail { .. } => {
                let base = if self.inside { self.here } else { self.open() };
                self.trigger(index, base)
            }
            Waits::ToTake { .. } => self.trigger(index, level),
        }
    }

    /// The end of the bar: trailing stops have seen it, and who came late learns whether it ended beyond his price.
    fn close(&mut self, line: usize) {
        let (low, high) = (i128::from(self.bar.low.0), i128::from(self.bar.high.0));
        let close = i128::from(self.bar.close.0);
        for order in self.account.orders.iter_mut().filter(|order| line_of(order.position_side) == line) {
            let best = if order.side == Side::Sell { high } else { low };
            order.follow(if order.seen == Seen::ItsEnd { close } else { best });
        }
        for _ in 0..EVENTS_MAX {
            let hit = |order: &Order| order.line() == line && self.is_proven(order, close);
            let Some(index) = self.account.orders.iter().position(hit) else { return };
            let order = &self.account.orders[index];
            let level = order.stops_at().or(order.gains_at()).expect("who is proven has a level");
            self.here = level.clamp(low, high);
            if self.strike(index, level) > 0
                && let Some(bad) = self.hurts(line)
            {
                // The bar is over: its prices came in an order that nobody knows.
                self.sweep(line, bad, &self.whole());
            }
        }
        panic!("a close ends");
    }

    fn is_proven(&self, order: &Order, close: i128) -> bool {
        let up = i128::from(order.side.sign());
        if let (Waits::ToTrail { .. }, Some(level)) = (order.waits, order.stops_at()) {
            return up * close >= up * level;
        }
        let dry = self.budget == Some(0) && matches!(order.waits, Waits::ToRest { .. });
        let waits_for_the_end = matches!(order.seen, Seen::ItsEnd | Seen::ItsEndAsTaker);
        order.gains_at().is_some_and(|level| waits_for_the_end && !dry && up * close < up * level)
    }
}

fn further(way: Direction, a: i128, b: i128) -> i128 {
    if way == Direction::Down { a.min(b) } else { a.max(b) }
}

fn nearer(way: Direction, a: i128, b: i128) -> i128 {
    further(way.opposite(), a, b)
}

/// The tick at or beyond a price in mark units.
pub fn tick_of(mark: i128, mark_per_tick: i128, way: Direction) -> i128 {
    match way {
        Direction::Down => mark.div_euclid(mark_per_tick),
        Direction::Up => super::terms::round_up(mark, mark_per_tick),
    }
}
