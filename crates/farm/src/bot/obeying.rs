//! What a bot does when it is told to wait, to leave, or to go on.
//!
//! Leaving does not wait for a decision of the method, and is tried until nothing is held: the venue may refuse, or not
//! hear. It refuses to open anything on the way.

use super::{Bot, Unusual};
use crate::action::{Action, Actions, Notice};
use execution::ExitReason;
use model::{
    CancelReason, Fill, Instrument, Interval, Leg, Liquidity, OrderId, PositionMode, PositionSide, Price,
    Qty, Report, RiskLevel, Time, Usd,
};
use risk::{Rules, TradingState};

/// A position that has to be left is left again after this long, if it is still there; after each refusal twice as long.
const LEAVE_AGAIN: Interval = Interval(5_000);
const REFUSED_FIRST_MS: i64 = 1_000;
const REFUSED_MAX_MS: i64 = 60_000;

impl Bot {
    /// Puts it under the rules of its farm.
    pub(crate) fn set_rules(&mut self, rules: Rules) {
        self.rules = rules;
        self.vigil.keep(rules.vigilance.is_some());
    }

    /// Whether these are its rules.
    pub(crate) fn is_under(&self, rules: &Rules) -> bool {
        self.rules == *rules
    }

    /// The number of the lease it decides under from now on.
    pub(crate) fn set_epoch(&mut self, epoch: u16) {
        self.epoch = epoch;
    }

    /// Changes what it may do. A ruined bot stays reduce-only.
    pub(crate) fn tell(&mut self, now: Time, state: TradingState, out: &mut Actions) {
        if self.ruined_at.is_none() {
            self.state = state;
        }
        self.obey(now, out);
    }

    /// What the whole farm was told.
    pub(crate) fn impose(&mut self, now: Time, state: TradingState, out: &mut Actions) {
        self.imposed = state;
        self.obey(now, out);
    }

    fn obey(&mut self, now: Time, out: &mut Actions) {
        let state = self.trading_state();
        if state >= TradingState::Paused {
            self.wanted = None;
            self.late = None;
            self.withdraw(out);
        }
        match state {
            TradingState::Halted => self.leave(now, out),
            TradingState::ReduceOnly | TradingState::Paused => self.cancel_opening(out),
            TradingState::Active => {}
        }
    }

    /// Lets it trade again: its drawdown is counted from here.
    pub(crate) fn resume(&mut self, now: Time, instrument: &Instrument, price: Price, out: &mut Actions) {
        let equity = self.ledger.equity(instrument, price);
        (self.equity_peak, self.rests_until) = (equity, None);
        self.tell(now, TradingState::Active, out);
    }

    /// Takes back what would open, and what was decided to; a trade that waits for approval is declined by itself.
    pub(crate) fn take_back(&mut self, out: &mut Actions) {
        (self.wanted, self.late) = (None, None);
        self.cancel_opening(out);
    }

    /// Uses this part of its band from the next entry on; whether that changes anything. A control has no band.
    pub(crate) fn set_risk(&mut self, level: RiskLevel, given_at: Time) -> bool {
        if self.mind.is_none() {
            return false;
        }
        let changes = self.level.0 != level;
        // Said again it counts as said later: what was given in between is overtaken.
        self.level = (level, given_at);
        changes
    }

    /// Which part of its band it uses, and when it was last told so.
    pub fn risk_level(&self) -> (RiskLevel, Time) {
        self.level
    }

    /// Leaves what is held, and tries again until it is left and nothing can open it again.
    pub(crate) fn leave(&mut self, now: Time, out: &mut Actions) {
        if self.ledger.position().is_flat() {
            self.leave_at = self.orders.is_opening().then_some(now + LEAVE_AGAIN);
            return self.cancel_opening(out);
        }
        self.close(now, ExitReason::Command, out);
        self.leave_at = Some(now + LEAVE_AGAIN);
    }

    /// It was to leave by now.
    pub(crate) fn on_leave(&mut self, now: Time, out: &mut Actions) {
        if self.leave_at.is_some_and(|at| at <= now) {
            self.leave(now, out);
        }
    }

    /// The venue would not let it leave: the next attempt waits, each time longer.
    pub(super) fn leave_later(&mut self, now: Time) {
        let waits = (REFUSED_FIRST_MS << self.refused_leaves.min(16)).min(REFUSED_MAX_MS);
        self.refused_leaves += 1;
        self.leave_at = Some(now + Interval(waits));
    }

    /// A position of a persona stands without a stop, or part of it was taken on a shared account: it is left at once,
    /// and where that was just refused a little later.
    pub(crate) fn leave_soon(&mut self, now: Time, out: &mut Actions) {
        if self.leave_at.is_none_or(|at| at <= now) {
            self.leave(now, out);
        }
    }

    /// In hedge mode legs outlive their position, and would then close somebody else's.
    pub(super) fn clear_legs(&mut self, out: &mut Actions) {
        if self.mode == PositionMode::OneWay {
            return;
        }
        for order in self.orders.iter().filter(|order| order.id.leg != Leg::Own) {
            out.push(Action::Submit(self.account, risk::approve_cancel(order.id)));
        }
    }

    /// Money was moved to it (or, negative, away): its marks of success move with it.
    pub(crate) fn transfer(&mut self, instrument: &Instrument, amount: Usd) {
        self.ledger.on_transfer(amount);
        self.capital = Usd((self.capital + amount).0.max(0));
        self.equity_peak += amount;
        self.midnight.1 += amount;
        self.session_peak += amount;
        if let Some((price, _)) = self.price
            && risk::sizing::carries_minimum(
                instrument,
                &self.limits.band,
                self.ledger.books().wallet(),
                price,
            )
        {
            // It trades again once somebody resumes it.
            self.ruined_at = None;
        }
    }

    /// Leaves lots that are nobody's, for the account.
    pub(crate) fn leave_stray(&mut self, now: Time, stray: Qty, out: &mut Actions) -> OrderId {
        let id = self.next_id();
        self.submit(now, risk::approve_close(self.mode, stray, id), out);
        id
    }

    /// The venue holds only so many of its lots: the others leave its books at this price, and with them what the venue has
    /// more (or less) of its money: price and fee of that close were never said.
    pub(crate) fn forget_lots(
        &mut self,
        now: Time,
        instrument: &Instrument,
        left: Qty,
        price: Price,
        money: Usd,
        out: &mut Actions,
    ) {
        let before = self.ledger.books().wallet();
        let (id, position_side) = (self.next_id(), PositionSide::Net);
        let (fee, liquidity, remaining) = (Usd::ZERO, Liquidity::Taker, Qty::ZERO);
        let qty = left - self.ledger.position().qty;
        let fill = Fill { id, position_side, qty, price, fee, liquidity, remaining };
        self.on_crossed(now, instrument, &fill, out);
        self.ledger.on_adjusted(money - (self.ledger.books().wallet() - before));
    }

    /// The venue does not have an order that it should have.
    pub(crate) fn on_vanished(&mut self, now: Time, instrument: &Instrument, id: OrderId, out: &mut Actions) {
        self.on_report(now, instrument, &Report::Cancelled { id, reason: CancelReason::Vanished }, out);
    }

    /// Something is not as it should be: it opens nothing more until somebody resumes it.
    pub(crate) fn alarm(&mut self, now: Time, unusual: Unusual, out: &mut Actions) {
        out.push(Action::Notify(self.id, Notice::Unusual(now, unusual)));
        if self.state < TradingState::ReduceOnly {
            self.tell(now, TradingState::ReduceOnly, out);
        }
    }

    /// Positions and opening orders at a price.
    pub(crate) fn notional(&self, instrument: &Instrument, price: Price) -> Usd {
        let opening: i64 =
            self.orders.iter().filter(|order| !order.reduce_only).map(|order| order.qty.0).sum();
        instrument.notional(model::Qty(self.ledger.position().qty.0.abs() + opening), price)
    }
}
