//! What a fill does: position, money, the order itself, the orders that hang on it; and what a forced close does.

use super::account::{Order, Seen, Waits};
use super::walk::{Walk, tick_of};
use model::{
    CancelReason, Fill, Leg, Liquidity, OrderId, PositionMode, PositionSide, Price, Qty, Report, Side, Usd,
};
use venue::Role;

fn price_of(ticks: i128) -> Price {
    Price(i64::try_from(ticks).expect("a price is 64 bits"))
}

fn lots_of(lots: i128) -> Qty {
    Qty(i64::try_from(lots).expect("lots are 64 bits"))
}

pub fn usd_of(micros: i128) -> Usd {
    Usd(i64::try_from(micros).expect("money is 64 bits"))
}

impl Walk<'_> {
    pub fn cancel(&mut self, index: usize, reason: CancelReason) {
        let id = self.account.orders.remove(index).id;
        self.report(Report::Cancelled { id, reason });
    }

    fn cancel_all(&mut self, reason: CancelReason, picks: impl Fn(&Order) -> bool) {
        let picked: Vec<OrderId> = self.account.orders.iter().filter(|o| picks(o)).map(|o| o.id).collect();
        for id in picked {
            let index = self.account.find(id).expect("it was there just before");
            self.cancel(index, reason);
        }
    }

    pub fn taker_price(&self, side: Side, base: i128, worst: Option<i128>) -> i128 {
        let slipped = self.terms.slipped(base, side, self.account.settings.models.slippage);
        match (worst, side) {
            (Some(worst), Side::Buy) => slipped.min(worst),
            (Some(worst), Side::Sell) => slipped.max(worst),
            (None, _) => slipped,
        }
    }

    pub fn take(&mut self, index: usize, base: i128, worst: Option<i128>, check_margin: bool) -> i128 {
        let price = self.taker_price(self.account.orders[index].side, base, worst);
        self.fill(index, price, Liquidity::Taker, check_margin)
    }

    /// An order's trigger was reached: from now on it is at the market.
    pub fn trigger(&mut self, index: usize, base: i128) -> i128 {
        self.account.orders[index].waits = Waits::ForVolume;
        let (id, role) = (self.account.orders[index].id, self.account.orders[index].role);
        self.report(Report::Triggered { id });
        if role == Role::BracketStop {
            let entry = id.with_leg(Leg::Own);
            self.cancel_all(CancelReason::PositionClosed, |order| order.id == entry);
        }
        let index = self.account.find(id).expect("nobody cancels what goes off");
        self.take(index, base, None, true)
    }

    /// Fills what reduce-only and volume leave of an order. Returns the lots it opened.
    pub fn fill(&mut self, index: usize, price: i128, liquidity: Liquidity, check_margin: bool) -> i128 {
        let order = self.account.orders[index];
        let line = order.line();
        let held = self.account.held[line];
        let wanted = if order.reduce_only { order.remaining.min(held.qty.abs()) } else { order.remaining };
        let lots = self.budget.unwrap_or(wanted).min(wanted);
        if lots == 0 {
            return 0;
        }
        let qty = i128::from(order.side.sign()) * lots;
        let fees = self.terms.instrument.fees;
        let rate = if liquidity == Liquidity::Maker { fees.maker } else { fees.taker };
        let closing = held.closable(qty);
        let closing_fee = self.terms.fee(closing, price, rate);
        if closing > 0 && self.leaves_debt(line, qty.signum() * closing, price, closing_fee) {
            self.liquidate(line, price);
            return 0;
        }
        let (account, terms) = (&*self.account, self.terms);
        if check_margin && account.opening_margin(terms, line, qty, price, self.mark, order.frozen).is_err() {
            self.cancel(index, CancelReason::InsufficientMargin);
            return 0;
        }
        let fee = self.terms.fee(lots, price, rate);
        let done = self.apply(line, qty, price, fee);
        self.budget = self.budget.map(|budget| budget - lots);
        let remaining = wanted - lots;
        let left = &mut self.account.orders[index];
        left.frozen = left.frozen * remaining / left.remaining;
        left.remaining = remaining;
        left.opened += done.1;
        if remaining == 0 {
            self.account.orders.remove(index);
        }
        self.report(Report::Filled(Fill {
            id: order.id,
            position_side: order.position_side,
            qty: lots_of(qty),
            price: price_of(price),
            fee: usd_of(fee),
            liquidity,
            remaining: lots_of(remaining),
        }));
        self.tell_others(&order, line, remaining, done);
        done.1
    }

    /// Position and money of a fill. Returns the lots it closed and opened.
    fn apply(&mut self, line: usize, qty: i128, price: i128, fee: i128) -> (i128, i128) {
        let isolated = self.account.is_isolated();
        let leverage = self.account.mode().leverage;
        let held = self.account.held[line];
        let done = self.account.held[line].fill(qty, price);
        let profit = self.terms.micros(done.profit);
        let margin = self.terms.initial_margin(self.terms.notional(done.opened, price), leverage);
        let purse = &mut self.account.purse;
        if done.closed > 0 {
            let share = share_of(purse.pools[line], done.closed, held.qty.abs());
            purse.pools[line] -= share;
            purse.wallet += share + profit;
            purse.trade -= profit;
        }
        if done.opened > 0 && isolated {
            purse.wallet -= margin;
            purse.pools[line] += margin;
        }
        purse.wallet -= fee;
        purse.fee += fee;
        self.account.changed(line, self.mark);
        (done.closed, done.opened)
    }

    /// Whether closing these lots would leave the position's own margin, or the account, below zero.
    fn leaves_debt(&self, line: usize, qty: i128, price: i128, fee: i128) -> bool {
        let account = &*self.account;
        let mut left = account.held[line];
        let before = left.qty.abs();
        let profit = self.terms.micros(left.fill(qty, price).profit);
        let wallet = account.purse.wallet + profit - fee;
        if account.is_isolated() {
            let share = share_of(account.purse.pools[line], qty.abs(), before);
            return share + profit < 0 || wallet + share < 0;
        }
        let other = self.terms.unrealised(&account.held[1 - line], self.mark);
        wallet + self.terms.micros(left.qty * price - left.cost) + other < 0
    }

    fn tell_others(&mut self, order: &Order, line: usize, remaining: i128, done: (i128, i128)) {
        let (closed, opened) = done;
        if let Some(group) = order.group {
            self.cancel_all(CancelReason::OtherFilled, |other| {
                other.group == Some(group) && other.id.bot == order.id.bot && other.id != order.id
            });
        }
        self.end_idle_exits(line);
        if opened > 0 {
            self.rest_exits(order, opened);
        }
        if order.role == Role::BracketStop && remaining == 0 {
            self.cancel_all(CancelReason::PositionClosed, |other| {
                other.role == Role::BracketTarget && other.is_of_decision(order.id)
            });
        }
        if self.account.mode().position == PositionMode::OneWay {
            self.cover_exactly(line, Some(order.id));
        } else if closed > 0 {
            self.cut_own_legs(order.id, closed);
        }
    }

    /// Exits that have nothing to exit from go.
    fn end_idle_exits(&mut self, line: usize) {
        let held = self.account.held[line];
        self.cancel_all(CancelReason::PositionClosed, |order| {
            order.reduce_only && order.line() == line && held.closable(i128::from(order.side.sign())) == 0
        });
    }

    /// The stop grows by all that was opened, the ladder lot by lot from its first rung on.
    fn rest_exits(&mut self, entry: &Order, opened: i128) {
        let Some(bracket) = entry.bracket else { return };
        self.rest_exit(entry, Leg::Stop, i128::from(bracket.stop.0), opened);
        let mut first = 0;
        for (rung, target) in (0_u8..).zip(bracket.targets) {
            let last = first + i128::from(target.qty.0);
            let (from, to) = (entry.opened.max(first), (entry.opened + opened).min(last));
            if to > from {
                self.rest_exit(entry, Leg::Target(rung), i128::from(target.price.0), to - from);
            }
            first = last;
        }
    }

    fn rest_exit(&mut self, entry: &Order, leg: Leg, price: i128, lots: i128) {
        let id = entry.id.with_leg(leg);
        let seen = if self.inside { Seen::NothingGood } else { Seen::AllOfIt };
        if let Some(index) = self.account.find(id) {
            let exit = &mut self.account.orders[index];
            exit.remaining += lots;
            exit.seen = seen;
            return;
        }
        // A stop that is passed already waits where the price is.
        let passed = if entry.side == Side::Buy { price.min(self.here) } else { price.max(self.here) };
        let (waits, role) = match leg {
            Leg::Stop => (Waits::ToStop { trigger: passed }, Role::BracketStop),
            _ => (Waits::ToRest { price }, Role::BracketTarget),
        };
        self.account.orders.push(Order {
            id,
            side: entry.side.opposite(),
            position_side: entry.position_side,
            remaining: lots,
            waits,
            reduce_only: true,
            role,
            group: None,
            frozen: 0,
            bracket: None,
            opened: 0,
            seen,
        });
        self.report(Report::Accepted { id });
    }

    fn stops(&self) -> Vec<usize> {
        let orders = self.account.orders.iter().enumerate();
        orders.filter(|(_, order)| order.role == Role::BracketStop).map(|(index, _)| index).collect()
    }

    /// Hedged: a close by an order of a decision cuts that decision's stop and ladder.
    fn cut_own_legs(&mut self, by: OrderId, closed: i128) {
        let mut own = self.stops();
        own.retain(|index| self.account.orders[*index].is_of_decision(by));
        let Some(index) = own.first() else { return };
        let stop = &mut self.account.orders[*index];
        if stop.id != by {
            stop.remaining = (stop.remaining - closed).max(0);
        }
        let (id, covered) = (stop.id, stop.remaining);
        self.cut_ladder(id, covered);
        self.end_empty_legs();
    }

    /// One-way: the stops cover what is held, lot for lot. What is too much goes off the stops of the decision that
    /// closed, then off the oldest; what is too little goes under the newest.
    fn cover_exactly(&mut self, line: usize, by: Option<OrderId>) {
        let mut stops = self.stops();
        stops.retain(|index| self.account.orders[*index].line() == line);
        let held = self.account.held[line].qty.abs();
        let orders = &mut self.account.orders;
        let covered: i128 = stops.iter().map(|index| orders[*index].remaining).sum();
        if let Some(newest) = stops.last().filter(|_| covered < held) {
            orders[*newest].remaining += held - covered;
        }
        let own = |index: &&usize| by.is_some_and(|by| orders[**index].is_of_decision(by));
        let (first, then): (Vec<&usize>, Vec<&usize>) = stops.iter().partition(own);
        for _ in held..covered {
            let loser = first.iter().chain(&then).find(|index| orders[***index].remaining > 0);
            orders[**loser.expect("more is covered than held")].remaining -= 1;
        }
        for (id, covered) in
            stops.iter().map(|index| (orders[*index].id, orders[*index].remaining)).collect::<Vec<_>>()
        {
            self.cut_ladder(id, covered);
        }
        self.end_empty_legs();
    }

    /// No ladder offers more than its stop covers: lots go off its far end.
    fn cut_ladder(&mut self, stop: OrderId, covered: i128) {
        let is_rung = |order: &Order| order.role == Role::BracketTarget && order.is_of_decision(stop);
        loop {
            let rungs = self.account.orders.iter_mut().filter(|order| is_rung(order) && order.remaining > 0);
            let mut rungs: Vec<&mut Order> = rungs.collect();
            if rungs.iter().map(|rung| rung.remaining).sum::<i128>() <= covered {
                return;
            }
            rungs.sort_by_key(|rung| rung.id.leg);
            rungs.last_mut().expect("what is offered is offered by a rung").remaining -= 1;
        }
    }

    fn end_empty_legs(&mut self) {
        self.cancel_all(CancelReason::PositionClosed, |order| {
            order.role != Role::Own && order.remaining == 0
        });
    }

    /// The venue takes over what hangs on a line's margin, seizes what is left of it and covers what is missing.
    pub fn liquidate(&mut self, line: usize, price: i128) {
        if self.account.is_isolated() {
            self.cancel_all(CancelReason::Liquidated, |order| order.line() == line);
            self.take_over(line, price, true);
        } else {
            self.cancel_all(CancelReason::Liquidated, |_| true);
            let lines: Vec<usize> = (0..2).filter(|line| self.account.held[*line].qty != 0).collect();
            for line in &lines {
                self.take_over(*line, price, lines.last() == Some(line));
            }
        }
    }

    fn take_over(&mut self, line: usize, price: i128, settles: bool) {
        let isolated = self.account.is_isolated();
        let qty = -self.account.held[line].qty;
        let done = self.account.held[line].fill(qty, price);
        let profit = self.terms.micros(done.profit);
        let fee = self.terms.fee(qty, price, self.terms.instrument.fees.liquidation);
        let purse = &mut self.account.purse;
        purse.trade -= profit;
        purse.fee += fee;
        let backing = if isolated { &mut purse.pools[line] } else { &mut purse.wallet };
        *backing += profit - fee;
        let settlement = if settles { -*backing } else { 0 };
        *backing += settlement;
        purse.liquidation -= settlement;
        self.account.changed(line, self.mark);
        let position_side = self.account.side_of(line);
        let (fee, settlement) = (usd_of(fee), usd_of(settlement));
        let (qty, price) = (lots_of(qty), price_of(price));
        self.report(Report::Liquidated { position_side, qty, price, fee, settlement });
    }

    /// A venue's fault: everything is taken over at the mark.
    pub fn seize(&mut self) {
        for line in self.account.lines() {
            if let Some(bad) = self.hurts(*line) {
                let price = tick_of(self.mark, self.terms.mark_per_tick, bad);
                self.liquidate(*line, price.max(1));
            }
        }
    }

    /// Closes lots without a fee, or nothing if that would leave a debt.
    pub fn deleverage(&mut self, side: PositionSide, line: usize, lots: i128, price: i128) -> i128 {
        let held = self.account.held[line];
        let lots = lots.min(held.qty.abs());
        let qty = -held.qty.signum() * lots;
        if lots == 0 || self.leaves_debt(line, qty, price, 0) {
            return 0;
        }
        self.apply(line, qty, price, 0);
        self.report(Report::Deleveraged { position_side: side, qty: lots_of(qty), price: price_of(price) });
        self.end_idle_exits(line);
        if self.account.mode().position == PositionMode::OneWay {
            self.cover_exactly(line, None);
        }
        lots
    }
}

/// The share of a pool that leaves with the lots closed.
fn share_of(pool: i128, closed: i128, held: i128) -> i128 {
    if closed == held { pool } else { super::terms::round_half_away(pool * closed, held) }
}
