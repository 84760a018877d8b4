//! Exits that rest from the instant an entry fills: a stop over all of it and a ladder of targets.
//!
//! One-way, the stops of a position cover exactly what is left of it after every fill. Hedged, where bots may share a
//! line, the legs belong to the decision that opened the lots, and only its own orders cut them. In both no ladder
//! offers more than its stop covers. Nothing here looks at prices.

use crate::account::line_of;
use crate::path::Walk;
use crate::resting::{RestingKind, RestingOrder, Role};
use model::{CancelReason, Leg, OrderId, Price, Qty, Side, Usd};

impl Walk<'_> {
    /// Grows the legs of an entry's bracket by lots just opened: the stop by all of them, the ladder rung by rung.
    pub(crate) fn grow_bracket(&mut self, entry: &RestingOrder, opened: Qty) {
        let Some(bracket) = entry.bracket else { return };
        self.grow_leg(entry, Leg::Stop, bracket.stop, opened);
        let (from, to) = (entry.opened.0, entry.opened.0 + opened.0);
        let mut below = 0;
        for (rung, target) in bracket.targets() {
            let reached = |lots: i64| (lots - below).clamp(0, target.qty.0);
            let grown = Qty(reached(to) - reached(from));
            if grown.0 > 0 {
                self.grow_leg(entry, Leg::Target(rung), target.price, grown);
            }
            below += target.qty.0;
        }
    }

    fn grow_leg(&mut self, entry: &RestingOrder, leg: Leg, price: Price, grown: Qty) {
        let id = entry.id.with_leg(leg);
        let since = self.exits_since();
        if let Some(index) = self.account.index_of(id) {
            let order = &mut self.account.orders[index];
            order.remaining += grown;
            order.since = since;
            return;
        }
        let (kind, role) = match leg {
            Leg::Stop => {
                (RestingKind::Stop { trigger: self.unless_passed(entry.side, price) }, Role::BracketStop)
            }
            _ => (RestingKind::Limit { price }, Role::BracketTarget),
        };
        self.rest(RestingOrder {
            id,
            side: entry.side.opposite(),
            position_side: entry.position_side,
            remaining: grown,
            kind,
            reduce_only: true,
            role,
            group: None,
            frozen: Usd::ZERO,
            bracket: None,
            opened: Qty::ZERO,
            since,
        });
    }

    /// The trigger of a stop over an entry that fills now. A trailing or amended entry may fill beyond its stop, which
    /// then goes off at once: where the price is, not back where it was meant to.
    fn unless_passed(&self, entry: Side, stop: Price) -> Price {
        if entry == Side::Buy { stop.min(self.here) } else { stop.max(self.here) }
    }

    /// A stop that went off ends the entry it protects: what has not filled of it must not fill behind the stop.
    pub(crate) fn cancel_entry_of(&mut self, stop: OrderId) {
        let entry = stop.with_leg(Leg::Own);
        self.cancel_where(CancelReason::PositionClosed, |order| order.id == entry);
    }

    /// A stop that filled to the end has nothing left for its ladder to take.
    pub(crate) fn end_ladder_of(&mut self, filled: &RestingOrder, remaining: Qty) {
        if filled.role == Role::BracketStop && remaining.0 == 0 {
            self.cancel_where(CancelReason::PositionClosed, |order| {
                order.role == Role::BracketTarget && order.same_decision(filled.id)
            });
        }
    }

    /// Ends what could only reduce a position that is no longer there.
    pub(crate) fn end_exits_of(&mut self, line: usize) {
        let held = self.account.positions[line].qty.0;
        self.cancel_where(CancelReason::PositionClosed, |order| {
            order.reduce_only
                && line_of(order.position_side) == line
                && order.side.sign() * held.signum() >= 0
        });
    }

    /// Hedge mode: an order closed lots of its own decision, whose other legs shrink by as many. Whose lots somebody
    /// else's order closed the venue cannot know: the legs of others stay, and are clipped to the line when they fill.
    pub(crate) fn cut_legs_of(&mut self, closer: OrderId, closed: Qty) {
        let is_stop =
            |order: &&mut RestingOrder| order.role == Role::BracketStop && order.same_decision(closer);
        let Some(stop) = self.account.orders.iter_mut().find(is_stop) else { return };
        if stop.id != closer {
            stop.remaining -= stop.remaining.min(closed);
        }
        let (id, covered) = (stop.id, stop.remaining);
        self.fit_ladder(id, covered);
        self.end_empty_legs();
    }

    /// One-way mode: makes the stops of a line cover exactly its position after a close by the order `by`, or by the
    /// venue itself.
    pub(crate) fn fit_brackets(&mut self, line: usize, by: Option<OrderId>) {
        let is_stop =
            |order: &RestingOrder| order.role == Role::BracketStop && line_of(order.position_side) == line;
        let orders = &mut self.account.orders;
        let held = self.account.positions[line].qty.0.abs();
        let covered: i64 = orders.iter().filter(|order| is_stop(order)).map(|order| order.remaining.0).sum();
        if covered < held {
            // Lots opened without a bracket of their own: the newest stop takes them under its wing.
            if let Some(newest) = orders.iter_mut().rev().find(|order| is_stop(order)) {
                newest.remaining += Qty(held - covered);
            }
        }
        let mut excess = (covered - held).max(0);
        let own_first = [true, false];
        for own in own_first {
            let cut_now = |order: &RestingOrder| !own || by.is_some_and(|by| order.same_decision(by));
            for order in orders.iter_mut().filter(|order| is_stop(order) && cut_now(order)) {
                let cut = excess.min(order.remaining.0);
                order.remaining -= Qty(cut);
                excess -= cut;
            }
        }
        for index in 0..self.account.orders.len() {
            let stop = self.account.orders[index];
            if is_stop(&stop) {
                self.fit_ladder(stop.id, stop.remaining);
            }
        }
        self.end_empty_legs();
    }

    fn end_empty_legs(&mut self) {
        self.cancel_where(CancelReason::PositionClosed, |order| {
            order.role != Role::Own && order.remaining.0 == 0
        });
    }

    /// Cuts a ladder from its far end to what its stop covers.
    fn fit_ladder(&mut self, stop: OrderId, covered: Qty) {
        let is_rung = |order: &RestingOrder| order.role == Role::BracketTarget && order.same_decision(stop);
        let orders = &mut self.account.orders;
        let offered: i64 = orders.iter().filter(|order| is_rung(order)).map(|order| order.remaining.0).sum();
        let mut excess = offered - covered.0;
        while excess > 0 {
            let rung = orders
                .iter_mut()
                .filter(|order| is_rung(order) && order.remaining.0 > 0)
                .max_by_key(|order| order.id.leg)
                .expect("what is offered is offered by a rung");
            let cut = excess.min(rung.remaining.0);
            rung.remaining -= Qty(cut);
            excess -= cut;
        }
    }
}
