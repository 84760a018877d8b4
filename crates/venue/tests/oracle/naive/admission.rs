//! Requests as they come in: each is refused for the first reason there is, or done.
//!
//! The order of the reasons is part of what a venue says, so it is the same here.

use super::account::{Account, Order, Seen, Waits, line_of};
use super::terms::signed;
use super::walk::Walk;
use model::{
    CancelReason, Leg, OrderId, OrderKind, OrderRequest, PositionMode, PositionSide, Price, Qty,
    RejectReason, Report, Request, Side, TimeInForce,
};
use venue::{ORDERS_MAX, Role};

fn better(side: Side, a: i128, b: i128) -> i128 {
    if side == Side::Buy { a.min(b) } else { a.max(b) }
}

fn ensure(holds: bool, otherwise: RejectReason) -> Result<(), RejectReason> {
    if holds { Ok(()) } else { Err(otherwise) }
}

fn wide(price: Price) -> i128 {
    i128::from(price.0)
}

impl Walk<'_> {
    pub fn handle(&mut self, request: &Request) {
        let (id, outcome) = match request {
            Request::Place(order) => (order.id, self.place(order)),
            Request::Cancel(id) => (*id, self.cancel_asked(*id)),
            Request::Amend { id, price } => (*id, self.amend(*id, *price)),
        };
        if let Err(reason) = outcome {
            self.report(Report::Rejected { id, reason });
        }
    }

    fn cancel_asked(&mut self, id: OrderId) -> Result<(), RejectReason> {
        let index = self.account.find(id).ok_or(RejectReason::UnknownOrder)?;
        self.cancel(index, CancelReason::Requested);
        Ok(())
    }

    fn place(&mut self, request: &OrderRequest) -> Result<(), RejectReason> {
        let arrival = self.arrival(request.side);
        self.here = arrival;
        self.mark = self.mark_at(arrival);
        let frozen = self.admit(request)?;
        self.account.remember(request.id, request.bracket.as_ref());
        let waits = match request.kind {
            OrderKind::Market => Waits::ForVolume,
            OrderKind::Limit { price, .. } => Waits::ToRest { price: wide(price) },
            OrderKind::StopMarket { trigger } => Waits::ToStop { trigger: wide(trigger) },
            OrderKind::TakeProfit { trigger } => Waits::ToTake { trigger: wide(trigger) },
            OrderKind::StopLimit { trigger, price } => {
                Waits::ToStopLimit { trigger: wide(trigger), price: wide(price) }
            }
            OrderKind::TrailingStop { activation, distance } => Waits::ToTrail {
                activation: activation.map_or(arrival, wide),
                distance: wide(distance),
                best: None,
            },
        };
        let mut order = Order {
            id: request.id,
            side: request.side,
            position_side: request.position_side,
            remaining: wide(Price(request.qty.0)),
            waits,
            reduce_only: request.reduce_only,
            role: Role::Own,
            group: request.one_cancels_other,
            frozen,
            bracket: request.bracket,
            opened: 0,
            seen: if self.elapsed_ms == 0 { Seen::AllOfIt } else { Seen::ItsEnd },
        };
        order.follow(arrival);
        self.account.orders.push(order);
        let whole_at_once = request.kind == OrderKind::Market && self.fills_all(request);
        if !whole_at_once {
            self.report(Report::Accepted { id: request.id });
        }
        self.take_on_arrival(request, arrival);
        Ok(())
    }

    fn take_on_arrival(&mut self, request: &OrderRequest, arrival: i128) {
        let index = self.account.orders.len() - 1;
        match request.kind {
            OrderKind::Market => {
                self.take(index, arrival, None, false);
            }
            OrderKind::Limit { price, tif } => {
                if self.would_take(request.side, wide(price)) {
                    self.take(index, arrival, Some(wide(price)), false);
                }
                if tif == TimeInForce::ImmediateOrCancel
                    && let Some(index) = self.account.find(request.id)
                {
                    self.cancel(index, CancelReason::Unfilled);
                }
            }
            _ => {}
        }
    }

    /// The money to hold back, or why the order is refused.
    fn admit(&self, request: &OrderRequest) -> Result<i128, RejectReason> {
        let account = &*self.account;
        let i = &self.terms.instrument;
        let repeat = account.is_repeat(request.id, request.bracket.as_ref());
        ensure(!repeat, RejectReason::DuplicateId)?;
        ensure(account.purse.owned() > 0 || !account.is_flat(), RejectReason::AccountClosed)?;
        let least = if request.reduce_only { 1 } else { i.qty_min.0.max(1) };
        ensure(request.qty.0 >= least, RejectReason::QuantityTooSmall)?;
        ensure(i128::from(request.qty.0) <= self.terms.qty_max, RejectReason::PositionTooLarge)?;
        for price in prices(request) {
            self.terms.check_price(price)?;
        }
        self.check_sides(request)?;
        let legs = |order: &Order| 1 + Account::legs(order.bracket.as_ref()).len();
        let taken: usize = account.orders.iter().map(legs).sum();
        let room = taken + 1 + Account::legs(request.bracket.as_ref()).len() <= ORDERS_MAX;
        ensure(room && account.knows_bot(request.id), RejectReason::TooManyOrders)?;
        let (line, qty) = (line_of(request.position_side), signed(request.side, request.qty));
        let closing = account.held[line].closable(qty);
        ensure(!request.reduce_only || closing > 0, RejectReason::NothingToReduce)?;
        ensure(self.is_bracket_sound(request), RejectReason::BadBracket)?;
        self.check_trigger(request.kind, request.side)?;
        self.check_time_in_force(request)?;
        if request.reduce_only {
            return Ok(0);
        }
        let price = self.margin_price(request);
        let opening = qty.abs() - closing;
        let enough = opening == 0 || self.terms.notional(opening, price) >= i128::from(i.notional_min.0);
        ensure(enough, RejectReason::NotionalTooSmall)?;
        account.opening_margin(self.terms, line, qty, price, self.mark, 0)
    }

    fn check_sides(&self, request: &OrderRequest) -> Result<(), RejectReason> {
        let net = request.position_side == PositionSide::Net;
        let one_way = self.account.mode().position == PositionMode::OneWay;
        ensure(net == one_way, RejectReason::WrongPositionSide)?;
        let opens = (request.side == Side::Buy) == (request.position_side == PositionSide::Long);
        ensure(one_way || opens != request.reduce_only, RejectReason::WrongSideForPosition)
    }

    fn is_bracket_sound(&self, request: &OrderRequest) -> bool {
        let Some(bracket) = &request.bracket else { return true };
        let lots = bracket.targets.map(|target| target.qty.0);
        let rungs = lots.iter().filter(|lots| **lots > 0).count();
        let in_front = lots[..rungs].iter().all(|lots| *lots > 0);
        let offered: i128 = lots.iter().map(|lots| i128::from(*lots)).sum();
        let entry = self.best_entry(request);
        let stop_is_worse = match request.side {
            Side::Buy => wide(bracket.stop) < entry,
            Side::Sell => wide(bracket.stop) > entry,
        };
        lots.iter().all(|lots| *lots >= 0)
            && in_front
            && offered <= i128::from(request.qty.0)
            && stop_is_worse
            && request.id.leg == Leg::Own
            && !request.reduce_only
    }

    /// The best price an entry can get.
    fn best_entry(&self, request: &OrderRequest) -> i128 {
        let arrival = self.arrival(request.side);
        match request.kind {
            OrderKind::Market | OrderKind::TrailingStop { .. } => arrival,
            OrderKind::Limit { price, .. } => better(request.side, wide(price), arrival),
            OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => wide(trigger),
            OrderKind::StopLimit { trigger, price } => better(request.side, wide(trigger), wide(price)),
        }
    }

    /// A trigger at which the price already stands, or beyond which it is, would go off at once.
    fn check_trigger(&self, kind: OrderKind, side: Side) -> Result<(), RejectReason> {
        let arrival = self.arrival(side);
        let up = side == Side::Buy;
        let ahead = match kind {
            OrderKind::StopMarket { trigger } | OrderKind::StopLimit { trigger, .. } => {
                if up {
                    wide(trigger) > arrival
                } else {
                    wide(trigger) < arrival
                }
            }
            OrderKind::TakeProfit { trigger } => {
                if up {
                    wide(trigger) < arrival
                } else {
                    wide(trigger) > arrival
                }
            }
            _ => true,
        };
        ensure(ahead, RejectReason::WouldTrigger)
    }

    fn check_time_in_force(&self, request: &OrderRequest) -> Result<(), RejectReason> {
        let OrderKind::Limit { price, tif } = request.kind else { return Ok(()) };
        let takes = self.would_take(request.side, wide(price));
        match tif {
            TimeInForce::PostOnly => ensure(!takes, RejectReason::WouldTake),
            TimeInForce::FillOrKill => ensure(takes && self.fills_all(request), RejectReason::CannotFillAll),
            TimeInForce::GoodTillCancelled | TimeInForce::ImmediateOrCancel => Ok(()),
        }
    }

    fn would_take(&self, side: Side, price: i128) -> bool {
        better(side, price, self.arrival(side)) == self.arrival(side)
    }

    fn fills_all(&self, request: &OrderRequest) -> bool {
        let held = self.account.held[line_of(request.position_side)].qty.abs();
        let asked = i128::from(request.qty.0);
        let wanted = if request.reduce_only { asked.min(held) } else { asked };
        self.budget.is_none_or(|budget| wanted <= budget)
    }

    /// Where an order would be filled, as far as is known: margin is asked for there.
    fn margin_price(&self, request: &OrderRequest) -> i128 {
        let arrival = self.arrival(request.side);
        match request.kind {
            OrderKind::Market => self.taker_price(request.side, arrival, None),
            OrderKind::Limit { price, .. } if self.would_take(request.side, wide(price)) => {
                self.taker_price(request.side, arrival, Some(wide(price)))
            }
            OrderKind::Limit { price, .. } | OrderKind::StopLimit { price, .. } => wide(price),
            OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => wide(trigger),
            OrderKind::TrailingStop { .. } => arrival,
        }
    }

    fn amend(&mut self, id: OrderId, price: Price) -> Result<(), RejectReason> {
        let index = self.account.find(id).ok_or(RejectReason::UnknownOrder)?;
        self.terms.check_price(price)?;
        let order = self.account.orders[index];
        let waits = self.moved(&order, price)?;
        let mut frozen = 0;
        if !order.reduce_only {
            self.mark = self.mark_at(self.arrival(order.side));
            let at = if let Waits::ToStopLimit { price, .. } = waits { price } else { wide(price) };
            let qty = i128::from(order.side.sign()) * order.remaining;
            let (account, terms) = (&*self.account, self.terms);
            frozen = account.opening_margin(terms, order.line(), qty, at, self.mark, order.frozen)?;
        }
        let late = self.elapsed_ms != 0;
        let order = &mut self.account.orders[index];
        (order.waits, order.frozen) = (waits, frozen);
        if late && order.seen == Seen::AllOfIt {
            order.seen = Seen::ItsEnd;
        }
        self.report(Report::Amended { id, price });
        Ok(())
    }

    fn moved(&self, order: &Order, to: Price) -> Result<Waits, RejectReason> {
        let stop = OrderKind::StopMarket { trigger: to };
        let price = wide(to);
        match order.waits {
            Waits::ForVolume => Err(RejectReason::UnknownOrder),
            Waits::ToRest { .. } => {
                ensure(!self.would_take(order.side, price), RejectReason::WouldTake)?;
                Ok(Waits::ToRest { price })
            }
            Waits::ToStop { .. } => {
                self.check_trigger(stop, order.side).map(|()| Waits::ToStop { trigger: price })
            }
            Waits::ToStopLimit { price: limit, .. } => self
                .check_trigger(stop, order.side)
                .map(|()| Waits::ToStopLimit { trigger: price, price: limit }),
            Waits::ToTake { .. } => self
                .check_trigger(OrderKind::TakeProfit { trigger: to }, order.side)
                .map(|()| Waits::ToTake { trigger: price }),
            // Its level moves, its distance stays.
            Waits::ToTrail { activation, distance, best: Some(_) } => {
                self.check_trigger(stop, order.side)?;
                let best = Some(price - i128::from(order.side.sign()) * distance);
                Ok(Waits::ToTrail { activation, distance, best })
            }
            Waits::ToTrail { distance, .. } => Ok(Waits::ToTrail { activation: price, distance, best: None }),
        }
    }
}

/// Every price a request names, in the order they are looked at.
fn prices(request: &OrderRequest) -> Vec<Price> {
    let mut prices = match request.kind {
        OrderKind::Market => vec![],
        OrderKind::Limit { price, .. } => vec![price],
        OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => vec![trigger],
        OrderKind::StopLimit { trigger, price } => vec![trigger, price],
        OrderKind::TrailingStop { activation, distance } => {
            std::iter::once(distance).chain(activation).collect()
        }
    };
    if let Some(bracket) = &request.bracket {
        prices.push(bracket.stop);
        prices.extend(bracket.targets.iter().filter(|t| t.qty > Qty::ZERO).map(|t| t.price));
    }
    prices
}
