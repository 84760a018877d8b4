//! The controls: no psychology, no bracket. A control goes to its target in one order.

use super::Bot;
use crate::action::{Action, Actions, Notice};
use execution::EntryContext;
use model::{Bars, Instrument, Price, Time};
use persona::strategy::Turn;
use persona::{Reason, Strategy};
use risk::TradingState;

impl Bot {
    /// Hears a price outside a bar: the market's opening, or a ticker.
    pub fn on_tick(&mut self, now: Time, instrument: &Instrument, price: Price, out: &mut Actions) {
        let opening = self.price.is_none();
        self.price = Some((price, now));
        if let (Strategy::BuyHold(strategy), true) = (&self.strategy, opening) {
            let target = strategy.quantity(instrument, self.ledger.books().wallet(), price);
            self.turn(now, instrument, Turn { target, reason: Reason::Opened }, out);
        }
    }

    /// Reads base bars until it has something to say; returns how many it took.
    #[inline]
    pub fn scan(&mut self, instrument: &Instrument, bars: Bars<'_>, out: &mut Actions) -> usize {
        let (taken, turn) = self.strategy.scan(bars);
        if let Some(turn) = turn {
            self.price = Some((bars.close[taken - 1], bars.close_time(taken - 1)));
            self.turn(bars.close_time(taken - 1), instrument, turn, out);
        }
        taken
    }

    /// Learns from base bars that are over: what its method would have done about them is not done.
    pub(crate) fn learn(&mut self, bars: Bars<'_>) {
        if !self.reads_base_bars() {
            return;
        }
        let mut learnt = 0;
        while learnt < bars.len() {
            let (taken, _too_late) = self.strategy.scan(bars.slice(learnt, bars.len()));
            assert!(taken > 0, "a method reads on");
            learnt += taken;
        }
    }

    /// While one order is in flight the next waits for its end, because only then the position is known.
    pub(super) fn turn(&mut self, now: Time, instrument: &Instrument, turn: Turn, out: &mut Actions) {
        if self.trading_state() != TradingState::Active {
            return;
        }
        if !self.orders.is_empty() {
            if self.wanted.replace(turn).is_none() {
                self.cancel_opening(out);
            }
            return;
        }
        if turn.target == self.ledger.position().qty {
            return;
        }
        self.watch_orders(now, out);
        if self.trading_state() != TradingState::Active {
            return;
        }
        let id = self.next_id();
        match risk::approve_control(instrument, self.ledger.position().qty, turn.target, id) {
            Ok(approved) => {
                self.entering = Some(EntryContext::plain(id));
                out.push(Action::Notify(self.id, Notice::Entering { id, reason: turn.reason, mood: None }));
                self.submit(now, approved, out);
            }
            Err(refusal) => {
                self.refuse(refusal, out);
                if self.ledger.position().is_flat() {
                    self.ruin(now, out);
                }
            }
        }
    }
}
