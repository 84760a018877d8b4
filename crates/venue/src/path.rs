//! The walk through one bar for one account, along the pessimistic path.
//!
//! The open, with whatever it gapped through; late arrivals; the extreme that hurts the position, the other one, the
//! close. Decides when and where something happens, nearest level first; refuses to move money itself.

use crate::Direction;
use crate::account::{Account, line_of};
use crate::fill::MarginCheck;
use crate::marks::MarkBar;
use crate::reports::Reports;
use crate::resting::{Met, RestingKind, Role, Since};
use crate::terms::Terms;
use model::{Bar, Interval, Liquidity, MarginMode, Mark, Price, Qty, Report, Time};

/// Far more than orders and legs can do in one sweep: reaching it means the walk does not end.
const EVENTS_PER_SWEEP_MAX: usize = 1_024;

/// Which part of the bar is being walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// Its first instant.
    Open,
    /// Anything after it.
    Inside,
}

/// How far the prices of the present stretch of the path reach.
#[derive(Clone, Copy, Debug)]
struct Stretch {
    low: Price,
    high: Price,
    mark_low: Mark,
    mark_high: Mark,
}

/// What the price meets next.
#[derive(Clone, Copy, Debug)]
enum Hit {
    Order { index: usize, level: Price },
    Liquidation { level: Price },
}

/// One account's way through one bar.
pub(crate) struct Walk<'a> {
    pub(crate) terms: &'a Terms,
    pub(crate) account: &'a mut Account,
    pub(crate) reports: &'a mut Reports,
    pub(crate) bar: &'a Bar,
    pub(crate) interval: Interval,
    pub(crate) mark_bar: MarkBar,
    /// Mark at the present place of the walk.
    pub(crate) mark: Mark,
    /// Price at which something happens now, before slippage.
    pub(crate) here: Price,
    /// Time of what happens now.
    pub(crate) now: Time,
    /// Since the open, for the request being handled.
    pub(crate) elapsed_ms: i64,
    pub(crate) phase: Phase,
    /// Lots that may still fill in this bar.
    pub(crate) budget: Option<i64>,
}

impl<'a> Walk<'a> {
    pub(crate) fn new(
        terms: &'a Terms,
        account: &'a mut Account,
        reports: &'a mut Reports,
        bar: &'a Bar,
        interval: Interval,
        mark_bar: MarkBar,
    ) -> Walk<'a> {
        let budget = account.settings.models.budget_lots(bar.volume, terms.lots_per_coin);
        Walk {
            terms,
            account,
            reports,
            bar,
            interval,
            mark_bar,
            mark: mark_bar.open,
            here: bar.open,
            now: bar.open_time,
            elapsed_ms: 0,
            phase: Phase::Open,
            budget,
        }
    }

    /// Walks the bar from its open to its close.
    pub(crate) fn run(mut self) {
        self.lost_at_open();
        // What was there before the first trade is part of the book it meets.
        while let Some(&(arrival, request)) = self.account.in_flight.front()
            && arrival <= self.bar.open_time
        {
            self.account.in_flight.pop_front();
            self.handle(&request);
        }
        self.fill_waiting();
        if self.is_over() {
            return self.account.refresh_bounds();
        }
        for line in self.account.lines() {
            let gap = self.gap();
            let first = self.adverse(line).unwrap_or(Direction::Down);
            self.sweep(line, first, &gap);
            self.sweep(line, first.opposite(), &gap);
        }
        self.phase = Phase::Inside;
        self.late_arrivals();
        self.elapsed_ms = 0;
        self.now = self.bar.open_time + self.interval - Interval(1);
        for line in self.account.lines() {
            self.walk_line(line);
        }
        self.lost_at_close();
        for order in &mut self.account.orders {
            order.since = Since::Open;
        }
        self.account.follow_guards(self.mark_bar.close);
        self.account.refresh_bounds();
    }

    /// A position whose margin is gone at the first instant is taken over before anybody can still trade it; a stop
    /// that the open gapped through on the way to that level comes first.
    fn lost_at_open(&mut self) {
        for line in self.account.lines() {
            let Some(adverse) = self.adverse(line) else { continue };
            // Near the edge of a tier there is a level on the good side too: more notional, more to be kept.
            for direction in [adverse, adverse.opposite()] {
                if let Some(Hit::Liquidation { level }) = self.next_hit(line, direction, &self.gap()) {
                    self.liquidate_at(line, direction, level);
                    break;
                }
            }
        }
    }

    /// The lines are walked one after the other: what a later one did may have left an earlier one, whose way is over,
    /// without its margin. It does not get into the next bar.
    fn lost_at_close(&mut self) {
        let (price, mark) = (self.bar.close, self.mark_bar.close);
        let end = Stretch { low: price, high: price, mark_low: mark, mark_high: mark };
        for line in self.account.lines() {
            let Some(adverse) = self.adverse(line) else { continue };
            let ways = [adverse, adverse.opposite()];
            if ways.iter().any(|way| self.liquidation_price(line, *way, &end).is_some()) {
                self.mark = mark;
                self.liquidate(line, price);
            }
        }
    }

    /// Whether nothing can meet the rest of the bar: no order rests, none arrives, and no level lies in it.
    fn is_over(&self) -> bool {
        let close_time = self.bar.open_time + self.interval;
        self.account.orders.is_empty()
            && self.account.in_flight.front().is_none_or(|&(arrival, _)| arrival >= close_time)
            && self.account.guards.iter().all(|guard| {
                guard.levels.below.is_none_or(|level| self.mark_bar.low > level)
                    && guard.levels.above.is_none_or(|level| self.mark_bar.high < level)
            })
    }

    /// The mark that goes with a traded price: the basis of the open, inside the marks of the bar.
    pub(crate) fn mark_at(&self, price: Price) -> Mark {
        let moved = Mark(price.0 * self.terms.mark_per_tick) + self.basis();
        moved.clamp(self.mark_bar.low, self.mark_bar.high)
    }

    fn basis(&self) -> Mark {
        self.mark_bar.open - Mark(self.bar.open.0 * self.terms.mark_per_tick)
    }

    pub(crate) fn adverse(&self, line: usize) -> Option<Direction> {
        Direction::adverse_to(self.account.positions[line].qty)
    }

    fn gap(&self) -> Stretch {
        let (price, mark) = (self.bar.open, self.mark_bar.open);
        Stretch { low: price, high: price, mark_low: mark, mark_high: mark }
    }

    fn whole(&self) -> Stretch {
        Stretch {
            low: self.bar.low,
            high: self.bar.high,
            mark_low: self.mark_bar.low,
            mark_high: self.mark_bar.high,
        }
    }

    /// From the open as far as a position's bad way has led at the present arrival.
    fn partial(&self, adverse: Direction) -> Stretch {
        let mut stretch = self.gap();
        match adverse {
            Direction::Down => {
                stretch.low = self.arrival_price(model::Side::Sell);
                stretch.mark_low = self.mark_at(stretch.low).min(stretch.mark_low);
            }
            Direction::Up => {
                stretch.high = self.arrival_price(model::Side::Buy);
                stretch.mark_high = self.mark_at(stretch.high).max(stretch.mark_high);
            }
        }
        stretch
    }

    /// Orders that wait for volume fill at the open, those that leave a position before those that enter one.
    fn fill_waiting(&mut self) {
        (self.here, self.mark) = (self.bar.open, self.mark_bar.open);
        while self.budget != Some(0) {
            let waits = |reduce_only: bool| {
                let mut orders = self.account.orders.iter();
                orders.position(|order| order.kind == RestingKind::Market && order.reduce_only == reduce_only)
            };
            let Some(index) = waits(true).or_else(|| waits(false)) else { return };
            self.take(index, self.bar.open, None, MarginCheck::Due);
        }
    }

    fn late_arrivals(&mut self) {
        let close_time = self.bar.open_time + self.interval;
        while let Some(&(arrival, request)) = self.account.in_flight.front()
            && arrival < close_time
        {
            self.account.in_flight.pop_front();
            self.now = arrival;
            self.elapsed_ms = (arrival - self.bar.open_time).0;
            for line in self.account.lines() {
                if let Some(adverse) = self.adverse(line) {
                    let stretch = self.partial(adverse);
                    self.sweep(line, adverse, &stretch);
                }
            }
            self.handle(&request);
        }
    }

    fn walk_line(&mut self, line: usize) {
        let rising = self.bar.close >= self.bar.open;
        let flat_first = if rising { Direction::Down } else { Direction::Up };
        let first = self.adverse(line).unwrap_or(flat_first);
        let whole = self.whole();
        self.sweep(line, first, &whole);
        self.sweep(line, first.opposite(), &whole);
        self.close(line);
    }

    /// Moves the price one way to the end of the stretch, and lets it meet what lies there, nearest first.
    fn sweep(&mut self, line: usize, direction: Direction, stretch: &Stretch) {
        for _ in 0..EVENTS_PER_SWEEP_MAX {
            match self.next_hit(line, direction, stretch) {
                None => return,
                Some(Hit::Liquidation { level }) => self.liquidate_at(line, direction, level),
                Some(Hit::Order { index, level }) => {
                    let opened = self.strike(index, level);
                    // A position opened on the way sees the worst of the stretch before anything good.
                    if opened.0 > 0 && self.adverse(line) == Some(direction.opposite()) {
                        self.sweep(line, direction.opposite(), stretch);
                    }
                }
            }
        }
        panic!("a sweep ends");
    }

    fn next_hit(&self, line: usize, direction: Direction, stretch: &Stretch) -> Option<Hit> {
        let bound = if direction == Direction::Down { stretch.low } else { stretch.high };
        let mut nearest: Option<(i64, Met, Hit)> = None;
        for (index, order) in self.account.orders.iter().enumerate() {
            if line_of(order.position_side) != line {
                continue;
            }
            let Some((level, met)) = order.met(direction, bound) else { continue };
            if self.budget == Some(0) && matches!(order.kind, RestingKind::Limit { .. }) {
                continue;
            }
            let distance = level.0 * direction.sign();
            let nearer = nearest.is_none_or(|(best, how, _)| {
                distance < best || (distance == best && met == Met::Touched && how == Met::Through)
            });
            if nearer {
                nearest = Some((distance, met, Hit::Order { index, level }));
            }
        }
        if let Some(level) = self.liquidation_price(line, direction, stretch) {
            let distance = level.0 * direction.sign();
            if nearest.is_none_or(|(best, ..)| distance <= best) {
                return Some(Hit::Liquidation { level });
            }
        }
        nearest.map(|(.., hit)| hit)
    }

    /// The traded price of the liquidation level if the stretch reaches it this way.
    fn liquidation_price(&self, line: usize, direction: Direction, stretch: &Stretch) -> Option<Price> {
        let adverse = self.adverse(line)?;
        if adverse != direction
            && self.account.settings.mode.margin == MarginMode::Cross
            && !self.account.positions[1 - line].is_flat()
        {
            // The other leg of a cross hedge answers for this way on its own walk, its own stops first.
            return None;
        }
        let purse = self.account.purse_line(line);
        let guard = self.account.guards[purse].levels;
        let reached = match direction {
            Direction::Down => guard.below.is_some_and(|level| stretch.mark_low <= level),
            Direction::Up => guard.above.is_some_and(|level| stretch.mark_high >= level),
        };
        if !reached {
            return None;
        }
        let levels = self.account.exact_levels(purse);
        let level = match direction {
            Direction::Down => levels.below.filter(|level| stretch.mark_low <= *level)?,
            Direction::Up => levels.above.filter(|level| stretch.mark_high >= *level)?,
        };
        Some(self.price_of(level - self.basis(), direction))
    }

    /// The tick at or beyond a price in mark units, on the way to it.
    pub(crate) fn price_of(&self, mark: Mark, direction: Direction) -> Price {
        let per_tick = self.terms.mark_per_tick;
        match direction {
            Direction::Down => Price(mark.0.div_euclid(per_tick)),
            Direction::Up => Price(-(-mark.0).div_euclid(per_tick)),
        }
    }

    fn liquidate_at(&mut self, line: usize, direction: Direction, level: Price) {
        let price = match (self.phase, direction) {
            (Phase::Open, _) => self.bar.open,
            (Phase::Inside, Direction::Down) => level.min(self.bar.open).max(self.bar.low),
            (Phase::Inside, Direction::Up) => level.max(self.bar.open).min(self.bar.high),
        };
        self.mark = self.mark_at(price);
        self.liquidate(line, price);
    }

    /// Lets an order act at its level. Returns the lots it opened.
    fn strike(&mut self, index: usize, level: Price) -> Qty {
        let order = self.account.orders[index];
        let at_open = self.phase == Phase::Open;
        // A limit far beyond the market fills at its price, but the price was not there.
        self.here = if at_open { self.bar.open } else { level.clamp(self.bar.low, self.bar.high) };
        self.mark = if at_open { self.mark_bar.open } else { self.mark_at(self.here) };
        match order.kind {
            RestingKind::Market => unreachable!("an order without a level is not struck"),
            RestingKind::Limit { price } => {
                let took = order.since == Since::Triggered;
                let liquidity = if took { Liquidity::Taker } else { Liquidity::Maker };
                self.fill(index, price, liquidity, MarginCheck::Due)
            }
            RestingKind::StopLimit { price, .. } => {
                let order = &mut self.account.orders[index];
                order.kind = RestingKind::Limit { price };
                order.since = Since::Triggered;
                self.report(Report::Triggered { id: self.account.orders[index].id });
                Qty::ZERO
            }
            RestingKind::Stop { .. } | RestingKind::Trailing { .. } => self.trigger(index, self.here),
            RestingKind::TakeProfit { .. } => self.trigger(index, level),
        }
    }

    fn trigger(&mut self, index: usize, base: Price) -> Qty {
        let order = &mut self.account.orders[index];
        order.kind = RestingKind::Market;
        let (id, role) = (order.id, order.role);
        self.report(Report::Triggered { id });
        if role == Role::BracketStop {
            self.cancel_entry_of(id);
        }
        let index = self.account.index_of(id).expect("a triggered order rests until it fills");
        self.take(index, base, None, MarginCheck::Due)
    }

    /// The close: trailing stops have seen the bar, and late orders learn whether the price ended beyond them.
    fn close(&mut self, line: usize) {
        let (low, high, close) = (self.bar.low, self.bar.high, self.bar.close);
        for order in self.account.orders.iter_mut().filter(|order| line_of(order.position_side) == line) {
            let best = if order.side == model::Side::Sell { high } else { low };
            order.follow(if order.since == Since::Late { close } else { best });
        }
        for _ in 0..EVENTS_PER_SWEEP_MAX {
            let Some((index, level)) = self.next_at_close(line) else { return };
            if self.strike(index, level).0 > 0
                && let Some(adverse) = self.adverse(line)
            {
                let whole = self.whole();
                self.sweep(line, adverse, &whole);
            }
        }
        panic!("a close ends");
    }

    fn next_at_close(&self, line: usize) -> Option<(usize, Price)> {
        self.account.orders.iter().enumerate().find_map(|(index, order)| {
            let (direction, level, met) = order.level().filter(|_| line_of(order.position_side) == line)?;
            let beyond = (self.bar.close.0 - level.0) * direction.sign();
            let hit = match (order.kind, order.since) {
                (RestingKind::Trailing { .. }, _) => beyond >= 0,
                (RestingKind::Limit { .. }, _) if self.budget == Some(0) => false,
                (_, Since::Late | Since::Triggered) => met == Met::Through && beyond > 0,
                _ => false,
            };
            hit.then_some((index, level))
        })
    }
}
