//! What a bot makes of a venue's reports. It refuses to guess: a report changes books and orders, never a plan.

use super::Bot;
use crate::action::{Action, Actions, Notice};
use execution::{EntryContext, ExitReason, OrderStatus, Trade};
use model::{
    Fill, Instrument, Leg, Liquidity, OrderId, PositionSide, Price, Qty, RejectReason, Report, Time, Usd,
};
use persona::Outcome;
use risk::TradingState;

impl Bot {
    /// Hears what the venue says of this bot's account.
    pub fn on_report(&mut self, now: Time, instrument: &Instrument, report: &Report, out: &mut Actions) {
        match *report {
            Report::Accepted { id } | Report::Triggered { id } | Report::Amended { id, .. } => {
                self.orders.on_report(id, report);
            }
            Report::Cancelled { id, .. } => {
                self.orders.on_report(id, report);
            }
            Report::Rejected { id, reason } => self.on_rejected(now, instrument, id, reason, report, out),
            Report::Filled(ref fill) => self.on_fill(now, instrument, fill, report, out),
            Report::Funding { amount, .. } => self.ledger.on_funding(amount),
            Report::Deleveraged { position_side, qty, price } => {
                let own = self.own_part(qty);
                if own == Qty::ZERO {
                    return;
                }
                let fill = self.taken(position_side, own, price, Usd::ZERO);
                self.book(now, instrument, &fill, ExitReason::Deleveraging, out);
            }
            Report::Liquidated { position_side, qty, price, fee, settlement } => {
                let own = self.own_part(qty);
                if own == Qty::ZERO {
                    return self.ledger.on_seized(settlement - fee);
                }
                let fill = self.taken(position_side, own, price, fee);
                let entry = self.entry_context(fill.id);
                let trade = self.ledger.on_liquidated(now, instrument, &fill, settlement, entry);
                self.price = Some((price, now));
                self.settle(now, instrument, trade, out);
            }
        }
        self.stay_protected(now, out);
        let opened = matches!(report, Report::Filled(_)) && !self.ledger.position().is_flat();
        if opened && self.trading_state() == TradingState::Halted && !self.orders.is_closing() {
            self.leave(now, out);
        }
        if self.orders.is_empty()
            && let Some(turn) = self.wanted.take()
        {
            self.turn(now, instrument, turn, out);
        }
    }

    /// What of a takeover was this bot's: what somebody else's hand had opened on its account is closed with it.
    fn own_part(&self, qty: Qty) -> Qty {
        let held = self.ledger.position().qty.0;
        let closes = held.signum() * qty.0.signum() < 0;
        if closes { Qty(qty.0.signum() * qty.0.abs().min(held.abs())) } else { Qty::ZERO }
    }

    /// The shared account it traded on was lost, and its money with it.
    pub(crate) fn lose_all(&mut self, now: Time, instrument: &Instrument, out: &mut Actions) {
        let wallet = self.ledger.books().wallet();
        self.ledger.on_seized(-wallet);
        self.check_ruin(now, instrument, out);
    }

    /// A fill that no order of ours made: the venue's own.
    fn taken(&mut self, position_side: PositionSide, qty: Qty, price: Price, fee: Usd) -> Fill {
        let id = self.entering.map_or_else(|| self.next_id(), |entry| entry.id);
        let (liquidity, remaining) = (Liquidity::Taker, Qty::ZERO);
        Fill { id, position_side, qty, price, fee, liquidity, remaining }
    }

    fn on_rejected(
        &mut self,
        now: Time,
        instrument: &Instrument,
        id: OrderId,
        reason: RejectReason,
        report: &Report,
        out: &mut Actions,
    ) {
        // A refused amend or cancel leaves its order as it was; only a placement dies of a rejection.
        // What is not known there is the order that a cancel or an amendment meant, not one that was placed.
        let is_placement = |order: &&execution::Working| {
            matches!(order.status, OrderStatus::Submitted | OrderStatus::Attached)
                && reason != RejectReason::UnknownOrder
        };
        let placed = self.orders.get(id).filter(is_placement).copied();
        let was_leaving = placed.is_some_and(|order| order.reduce_only && order.id.leg == Leg::Own);
        if placed.is_some() {
            self.orders.on_report(id, report);
            self.watch_rejections(now, out);
        }
        if was_leaving && !self.ledger.position().is_flat() {
            self.leave_later(now);
            // It may be that there is nothing to leave, and the books are wrong.
            out.push(Action::Verify(self.account));
        }
        out.push(Action::Notify(self.id, Notice::Rejected(id, reason)));
        let broke = matches!(reason, RejectReason::InsufficientMargin | RejectReason::AccountClosed);
        match (&self.mind, broke, self.ledger.position().is_flat()) {
            (_, false, _) => {}
            (Some(_), true, _) => self.check_ruin(now, instrument, out),
            (None, true, true) => self.ruin(now, out),
            // What can no longer be turned around can still be left.
            (None, true, false) if !was_leaving => self.close(now, ExitReason::Signal, out),
            (None, true, false) => {}
        }
    }

    fn entry_context(&self, id: OrderId) -> EntryContext {
        self.entering.unwrap_or(EntryContext::plain(id))
    }

    fn on_fill(
        &mut self,
        now: Time,
        instrument: &Instrument,
        fill: &Fill,
        report: &Report,
        out: &mut Actions,
    ) {
        let reason = self.reason_of(fill.id.leg);
        let expected = self.orders.get(fill.id).is_some();
        self.orders.on_report(fill.id, report);
        self.session_fills += 1;
        self.book(now, instrument, fill, reason, out);
        if !expected && self.mind.is_some() {
            // An order that was given up, and was carried out all the same.
            self.leave_soon(now, out);
        }
    }

    /// Why a position is left by this order.
    fn reason_of(&self, leg: Leg) -> ExitReason {
        match leg {
            Leg::Own => self.leaving,
            Leg::Target(_) => ExitReason::Target,
            Leg::Stop if self.stop_was_moved() => ExitReason::TrailingStop,
            Leg::Stop => ExitReason::Stop,
        }
    }

    fn book(
        &mut self,
        now: Time,
        instrument: &Instrument,
        fill: &Fill,
        reason: ExitReason,
        out: &mut Actions,
    ) {
        let entry = self.entry_context(fill.id);
        let trade = self.ledger.on_fill(now, instrument, fill, entry, reason);
        self.price = Some((fill.price, now));
        self.settle(now, instrument, trade, out);
    }

    /// An order of its own filled for more than it had to close: `part` is what was its own.
    pub(crate) fn on_overshoot(
        &mut self,
        now: Time,
        instrument: &Instrument,
        part: &Fill,
        out: &mut Actions,
    ) {
        let reason = self.reason_of(part.id.leg);
        self.orders.on_report(part.id, &Report::Filled(*part));
        if part.qty.0 != 0 {
            self.book(now, instrument, part, reason, out);
        }
        self.stay_protected(now, out);
    }

    /// Another bot's order closed lots of its own: it leaves the rest, because its legs are too large now.
    pub(crate) fn on_crossed(&mut self, now: Time, instrument: &Instrument, part: &Fill, out: &mut Actions) {
        self.book(now, instrument, part, ExitReason::Crossed, out);
        self.leave_soon(now, out);
    }

    /// Towards profit: a stop that was moved away is still the stop.
    fn stop_was_moved(&self) -> bool {
        self.held().is_some_and(|held| (held.stop.0 - held.first_stop.0) * held.side.sign() > 0)
    }

    /// Lives through a finished round trip.
    fn settle(&mut self, now: Time, instrument: &Instrument, trade: Option<Trade>, out: &mut Actions) {
        let Some(trade) = trade else { return };
        out.push(Action::Notify(self.id, Notice::Closed(trade)));
        if self.ledger.position().is_flat() {
            self.cancel_opening(out);
            self.clear_legs(out);
            self.refused_leaves = 0;
            if !self.orders.is_opening() {
                self.leave_at = None;
            }
        }
        self.leaving = ExitReason::Signal;
        self.worst_distance = None;
        self.last_side = Some(trade.position.side);
        if trade.net().0 != 0 {
            self.results.push(trade.net().0 > 0);
        }
        if matches!(trade.reason, ExitReason::Stop | ExitReason::TrailingStop) {
            self.occasions.stop_exits += 1;
            self.tire_of_stops(now);
        }
        let equity = self.ledger.books().wallet();
        if self.mind.is_none() {
            if equity.0 <= 0 && self.ledger.position().is_flat() {
                self.ruin(now, out);
            }
            return;
        }
        let peak = self.equity_peak.max(equity);
        let outcome = Outcome {
            r_multiple: r_multiple(instrument, &trade),
            drawdown: (peak - equity).as_f64() / peak.as_f64().max(1.0),
            held: trade.exited_at - trade.position.entered_at,
        };
        self.equity_peak = peak;
        self.feel(now, out, |mind| mind.process_trade_result(now, &outcome));
        self.check_ruin(now, instrument, out);
    }

    /// A persona's position whose stop is gone is left at once.
    fn stay_protected(&mut self, now: Time, out: &mut Actions) {
        if self.mind.is_none() {
            return;
        }
        let held = !self.ledger.position().is_flat();
        if held && self.orders.stop_leg().is_none() {
            self.leave_soon(now, out);
        }
        self.naked.look(now, held && self.orders.protective_stop().is_none());
    }

    /// The longest that a position of it stood without a stop known to rest, in milliseconds; one that goes off counts.
    pub fn naked_position_ms_max(&self) -> i64 {
        self.naked.ms_max
    }

    /// For how long its position has stood without a stop known to rest, in milliseconds; zero where none does.
    pub fn naked_position_ms(&self, now: Time) -> i64 {
        self.naked.ms(now)
    }

    /// Too many stops within a while, and it rests.
    fn tire_of_stops(&mut self, now: Time) {
        let Some(rule) = self.rules.cool_down else { return };
        self.stops.push(now);
        if self.stops.within(now, rule.within) >= rule.stops {
            self.rests_until = Some(now + rule.lasts);
        }
    }

    /// A request was not answered in time: say so and start its clock again; reconciliation is the world's.
    pub fn on_unanswered(&mut self, now: Time, out: &mut Actions) {
        self.orders.asked_again(now);
        out.push(Action::Notify(self.id, Notice::Unanswered));
    }
}

/// Net profit over what was at risk at the entry's stop.
fn r_multiple(instrument: &Instrument, trade: &Trade) -> f64 {
    let Some(stop) = trade.position.entry.stop else { return 0.0 };
    let opened = i128::from(trade.position.opened.0);
    let at_risk = instrument.usd((trade.position.entry_cost - opened * i128::from(stop.0)).abs());
    trade.net().as_f64() / at_risk.as_f64().max(0.01)
}
