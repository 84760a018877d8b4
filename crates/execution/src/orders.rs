//! The orders a bot believes to be alive. A fixed array: a bot has one position and few orders, and never allocates.

use crate::status::{Heard, OrderStatus};
use model::{Leg, OrderId, OrderKind, OrderRequest, Price, Qty, Report, Side, StateHash, Time};

/// The most orders of one bot at a time.
pub const WORKING_MAX: usize = 16;

/// One order that is alive, as far as we know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Working {
    /// Its id.
    pub id: OrderId,
    /// Buy or sell.
    pub side: Side,
    /// Asked for, unsigned.
    pub qty: Qty,
    /// What of it has not filled, unsigned.
    pub left: Qty,
    /// Trigger or limit price; `None` for market orders.
    pub price: Option<Price>,
    /// Can only shrink the position.
    pub reduce_only: bool,
    /// Where it is in its life.
    pub status: OrderStatus,
    /// When it was sent.
    pub sent_at: Time,
}

model::value!(Working { id, side, qty, left, price, reduce_only, status, sent_at });

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Orders {
    slots: [Option<Working>; WORKING_MAX],
    len: usize,
    /// Reports about orders that are not ours to know: counted, never believed.
    pub strangers: u64,
}

model::state!(Orders { slots, len, strangers } if |orders| {
    orders.slots.iter().position(Option::is_none).unwrap_or(WORKING_MAX) == orders.len
        && orders.slots.iter().flatten().count() == orders.len
});

impl Orders {
    /// Whether none is alive.
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Whether `n` more fit.
    pub fn has_room(&self, n: usize) -> bool {
        self.len + n <= WORKING_MAX
    }

    /// The orders alive.
    pub fn iter(&self) -> impl Iterator<Item = &Working> {
        self.slots[..self.len].iter().flatten()
    }

    /// One of them.
    pub fn get(&self, id: OrderId) -> Option<&Working> {
        self.iter().find(|order| order.id == id)
    }

    /// Whether an order that adds to a position is on its way or resting.
    pub fn is_opening(&self) -> bool {
        self.iter().any(|order| !order.reduce_only)
    }

    /// Whether a close at market is on its way.
    pub fn is_closing(&self) -> bool {
        self.iter().any(|order| order.reduce_only && order.id.leg == Leg::Own)
    }

    /// The protective stop, resting or already going off.
    pub fn stop_leg(&self) -> Option<&Working> {
        self.iter().find(|order| order.id.leg == Leg::Stop)
    }

    /// The protective stop that rests at the venue, if one does.
    pub fn protective_stop(&self) -> Option<&Working> {
        self.stop_leg().filter(|order| order.status == OrderStatus::Resting)
    }

    /// When the oldest unanswered order was sent.
    pub fn oldest_unanswered(&self) -> Option<Time> {
        self.iter().filter(|order| order.status == OrderStatus::Submitted).map(|order| order.sent_at).min()
    }

    /// Puts the clock of unanswered orders to `now`: they have just been asked about.
    pub fn asked_again(&mut self, now: Time) {
        for order in self.slots[..self.len].iter_mut().flatten() {
            if order.status == OrderStatus::Submitted {
                order.sent_at = now;
            }
        }
    }

    /// Remembers an order that is being sent, and the legs that will rest with it.
    pub fn sent(&mut self, request: &OrderRequest, now: Time) {
        let price = match request.kind {
            OrderKind::Market => None,
            OrderKind::Limit { price, .. } => Some(price),
            OrderKind::StopMarket { trigger }
            | OrderKind::StopLimit { trigger, .. }
            | OrderKind::TakeProfit { trigger } => Some(trigger),
            OrderKind::TrailingStop { activation, .. } => activation,
        };
        self.push(Working {
            id: request.id,
            side: request.side,
            qty: request.qty,
            left: request.qty,
            price,
            reduce_only: request.reduce_only,
            status: OrderStatus::Submitted,
            sent_at: now,
        });
        let Some(bracket) = request.bracket else { return };
        let leg = |leg: Leg, qty: Qty, price: Price| Working {
            id: request.id.with_leg(leg),
            side: request.side.opposite(),
            qty,
            left: qty,
            price: Some(price),
            reduce_only: true,
            status: OrderStatus::Attached,
            sent_at: now,
        };
        self.push(leg(Leg::Stop, request.qty, bracket.stop));
        for (rung, target) in bracket.targets() {
            self.push(leg(Leg::Target(rung), target.qty, target.price));
        }
    }

    fn push(&mut self, order: Working) {
        assert!(self.len < WORKING_MAX, "risk refuses an order that finds no room");
        self.slots[self.len] = Some(order);
        self.len += 1;
    }

    /// Hears a report about an order; returns its status now, `None` if it changed nothing.
    pub fn on_report(&mut self, id: OrderId, report: &Report) -> Option<OrderStatus> {
        let heard = Heard::of(report)?;
        let found = self.slots[..self.len].iter().position(|slot| slot.is_some_and(|order| order.id == id));
        let Some(at) = found else {
            self.strangers += 1;
            return None;
        };
        let order = self.slots[at].as_mut().expect("slots below len are taken");
        if let Report::Amended { price, .. } = *report {
            order.price = Some(price);
        }
        if let Report::Filled(fill) = report {
            order.left = fill.remaining;
        }
        let next = order.status.transition(heard)?;
        order.status = next;
        let opened = order.qty - order.left;
        if next.is_final() {
            self.remove(at);
            if id.leg == Leg::Own && next != OrderStatus::Filled {
                self.cut_attached(id, opened);
            }
        }
        Some(next)
    }

    /// An entry is over and has opened only so much: dormant legs have so much to close. One that never filled takes them with
    /// it; of a ladder what is nearest stays, as a venue places it.
    fn cut_attached(&mut self, entry: OrderId, opened: Qty) {
        let (mut at, mut uncovered) = (0, opened.0);
        while at < self.len {
            let order = self.slots[at].as_mut().expect("slots below len are taken");
            let is_leg = order.id.with_leg(Leg::Own) == entry && order.id.leg != Leg::Own;
            let offers = order.qty.0.min(if order.id.leg == Leg::Stop { opened.0 } else { uncovered });
            if is_leg && matches!(order.id.leg, Leg::Target(_)) {
                uncovered -= offers;
            }
            if is_leg && order.status == OrderStatus::Attached {
                if offers == 0 {
                    self.remove(at);
                    continue;
                }
                (order.qty, order.left) = (Qty(offers), Qty(offers));
            }
            at += 1;
        }
    }

    fn remove(&mut self, at: usize) {
        self.slots.copy_within(at + 1..self.len, at);
        self.len -= 1;
        self.slots[self.len] = None;
    }

    /// Adds the orders to a state hash.
    pub fn hash(&self, hash: &mut StateHash) {
        for order in self.iter() {
            hash.word(order.id.word());
            hash.int(order.qty.0);
            hash.int(order.price.map_or(-1, |price| price.0));
            hash.word(order.status as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Bracket, CancelReason, Fill, Liquidity, PositionSide, Target, Usd};

    fn entry() -> OrderRequest {
        OrderRequest {
            id: OrderId { bot: BotId(1), epoch: 0, decision: 7, leg: Leg::Own },
            side: Side::Buy,
            position_side: PositionSide::Net,
            qty: Qty(10),
            kind: OrderKind::Market,
            reduce_only: false,
            bracket: Some(Bracket {
                stop: Price(90),
                targets: [
                    Target { price: Price(110), qty: Qty(4) },
                    Target { price: Price(120), qty: Qty(6) },
                    Target::default(),
                    Target::default(),
                ],
            }),
            one_cancels_other: None,
        }
    }

    #[test]
    fn a_bracket_lives_with_its_entry() {
        let mut orders = Orders::default();
        let request = entry();
        orders.sent(&request, Time(0));
        assert_eq!(orders.iter().count(), 4);
        assert!(orders.protective_stop().is_none());
        let stop = request.id.with_leg(Leg::Stop);
        orders.on_report(stop, &Report::Accepted { id: stop });
        orders.on_report(stop, &Report::Amended { id: stop, price: Price(95) });
        assert_eq!(orders.protective_stop().and_then(|order| order.price), Some(Price(95)));
        let stranger = OrderId { decision: 99, ..request.id };
        orders.on_report(stranger, &Report::Accepted { id: stranger });
        assert_eq!(orders.strangers, 1);
    }

    #[test]
    fn a_refused_entry_takes_its_legs_with_it() {
        let mut orders = Orders::default();
        let request = entry();
        orders.sent(&request, Time(0));
        let id = request.id;
        orders.on_report(id, &Report::Rejected { id, reason: model::RejectReason::InsufficientMargin });
        assert!(orders.is_empty());
        orders.sent(&request, Time(0));
        orders.on_report(id, &Report::Cancelled { id, reason: CancelReason::Requested });
        assert!(orders.is_empty());
    }

    /// What an entry that was cut short has opened keeps its stop and the near rungs: the venue has still to place them.
    #[test]
    fn an_entry_that_filled_in_part_keeps_the_legs_of_that_part() {
        let left_after = |filled: i64| {
            let mut orders = Orders::default();
            let request = entry();
            orders.sent(&request, Time(0));
            let id = request.id;
            let fill = Fill {
                id,
                position_side: PositionSide::Net,
                qty: Qty(filled),
                price: Price(100),
                fee: Usd::ZERO,
                liquidity: Liquidity::Taker,
                remaining: Qty(10 - filled),
            };
            orders.on_report(id, &Report::Filled(fill));
            orders.on_report(id, &Report::Cancelled { id, reason: CancelReason::Unfilled });
            orders.iter().map(|order| (order.id.leg, order.qty.0)).collect::<Vec<_>>()
        };
        assert_eq!(left_after(7), [(Leg::Stop, 7), (Leg::Target(0), 4), (Leg::Target(1), 3)]);
        assert_eq!(left_after(4), [(Leg::Stop, 4), (Leg::Target(0), 4)]);
    }
}
