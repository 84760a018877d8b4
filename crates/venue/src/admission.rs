//! Whether an order may enter: every rejection of a new order is decided here, with its reason.
//!
//! Only looks; an order that is refused has changed nothing.

use crate::Rejection;
use crate::account::{ORDERS_MAX, line_of};
use crate::path::Walk;
use model::{
    Bracket, Leg, OrderKind, OrderRequest, PositionMode, PositionSide, Price, Qty, RejectReason, Side,
    TimeInForce, Usd,
};

impl Walk<'_> {
    /// The money to hold back for an order, or why it is refused.
    pub(crate) fn admit(&self, request: &OrderRequest) -> Result<Usd, Rejection> {
        if self.account.seen.contains(request.id, request.bracket.as_ref()) {
            return Err(RejectReason::DuplicateId);
        }
        if self.account.wallet().0 <= 0 && self.account.is_flat() {
            return Err(RejectReason::AccountClosed);
        }
        self.check_quantity(request)?;
        self.check_prices(request)?;
        self.check_sides(request)?;
        self.check_room(request)?;
        let line = line_of(request.position_side);
        let qty = Qty(request.qty.0 * request.side.sign());
        if request.reduce_only && self.account.closing_lots(line, qty) == 0 {
            return Err(RejectReason::NothingToReduce);
        }
        self.check_bracket(request)?;
        self.check_trigger(request.kind, request.side)?;
        self.check_time_in_force(request)?;
        if request.reduce_only {
            return Ok(Usd::ZERO);
        }
        let price = self.margin_price(request);
        let opening = Qty(request.qty.0 - self.account.closing_lots(line, qty));
        if opening.0 > 0
            && self.terms.notional_wide(opening, price) < i128::from(self.terms.instrument.notional_min.0)
        {
            return Err(RejectReason::NotionalTooSmall);
        }
        self.account.opening_margin(line, qty, price, self.mark, Usd::ZERO)
    }

    fn check_quantity(&self, request: &OrderRequest) -> Result<(), Rejection> {
        // A remainder below the minimum can always be closed.
        let least = if request.reduce_only { Qty(1) } else { self.terms.instrument.qty_min.max(Qty(1)) };
        if request.qty < least {
            Err(RejectReason::QuantityTooSmall)
        } else if request.qty > self.terms.qty_max {
            Err(RejectReason::PositionTooLarge)
        } else {
            Ok(())
        }
    }

    fn check_prices(&self, request: &OrderRequest) -> Result<(), Rejection> {
        let check = |price: Price| self.check_price(price);
        match request.kind {
            OrderKind::Market => {}
            OrderKind::Limit { price, .. } => check(price)?,
            OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => check(trigger)?,
            OrderKind::StopLimit { trigger, price } => check(trigger).and(check(price))?,
            OrderKind::TrailingStop { activation, distance } => {
                check(distance)?;
                activation.map_or(Ok(()), check)?;
            }
        }
        if let Some(bracket) = &request.bracket {
            check(bracket.stop)?;
            bracket.targets().try_for_each(|(_, target)| check(target.price))?;
        }
        Ok(())
    }

    /// A price that is one, and that arithmetic is safe for.
    pub(crate) fn check_price(&self, price: Price) -> Result<(), Rejection> {
        match price.0 {
            ..=0 => Err(RejectReason::PriceNotPositive),
            _ if price > self.terms.price_max => Err(RejectReason::PositionTooLarge),
            _ => Ok(()),
        }
    }

    fn check_sides(&self, request: &OrderRequest) -> Result<(), Rejection> {
        let opens = match (self.account.settings.mode.position, request.position_side, request.side) {
            (PositionMode::OneWay, PositionSide::Net, _) => return Ok(()),
            (PositionMode::OneWay, ..) | (PositionMode::Hedge, PositionSide::Net, _) => {
                return Err(RejectReason::WrongPositionSide);
            }
            (_, PositionSide::Long, Side::Buy) | (_, PositionSide::Short, Side::Sell) => true,
            _ => false,
        };
        if opens == request.reduce_only { Err(RejectReason::WrongSideForPosition) } else { Ok(()) }
    }

    fn check_room(&self, request: &OrderRequest) -> Result<(), Rejection> {
        let legs = |bracket: &Option<Bracket>| bracket.map_or(0, |bracket| 1 + bracket.targets().count());
        let taken: usize = self.account.orders.iter().map(|order| 1 + legs(&order.bracket)).sum();
        if taken + 1 + legs(&request.bracket) > ORDERS_MAX || !self.account.seen.has_room_for(request.id.bot)
        {
            Err(RejectReason::TooManyOrders)
        } else {
            Ok(())
        }
    }

    fn check_bracket(&self, request: &OrderRequest) -> Result<(), Rejection> {
        let Some(bracket) = &request.bracket else { return Ok(()) };
        let rungs = bracket.targets().count();
        let offered: i128 = bracket.targets().map(|(_, target)| i128::from(target.qty.0)).sum();
        let gapless = bracket.targets.iter().enumerate().all(|(rung, t)| (t.qty.0 > 0) == (rung < rungs));
        let whole = bracket.targets.iter().all(|target| target.qty.0 >= 0);
        let sign = request.side.sign();
        let protects = (self.entry_price(request).0 - bracket.stop.0) * sign > 0;
        let fits = offered <= i128::from(request.qty.0);
        let own = request.id.leg == Leg::Own && !request.reduce_only;
        if gapless && whole && protects && fits && own { Ok(()) } else { Err(RejectReason::BadBracket) }
    }

    /// The best price an entry can get, which its stop has to lie beyond.
    fn entry_price(&self, request: &OrderRequest) -> Price {
        let arrival = self.arrival_price(request.side);
        let better = |a: Price, b: Price| if request.side == Side::Buy { a.min(b) } else { a.max(b) };
        match request.kind {
            OrderKind::Market | OrderKind::TrailingStop { .. } => arrival,
            OrderKind::Limit { price, .. } => better(price, arrival),
            OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => trigger,
            OrderKind::StopLimit { trigger, price } => better(trigger, price),
        }
    }

    /// A trigger must lie on the far side of the price, or it would fire at once.
    pub(crate) fn check_trigger(&self, kind: OrderKind, side: Side) -> Result<(), Rejection> {
        let ahead = |trigger: Price, sign: i64| (trigger.0 - self.arrival_price(side).0) * sign > 0;
        let sound = match kind {
            OrderKind::StopMarket { trigger } | OrderKind::StopLimit { trigger, .. } => {
                ahead(trigger, side.sign())
            }
            OrderKind::TakeProfit { trigger } => ahead(trigger, -side.sign()),
            OrderKind::Market | OrderKind::Limit { .. } | OrderKind::TrailingStop { .. } => true,
        };
        if sound { Ok(()) } else { Err(RejectReason::WouldTrigger) }
    }

    fn check_time_in_force(&self, request: &OrderRequest) -> Result<(), Rejection> {
        let OrderKind::Limit { price, tif } = request.kind else { return Ok(()) };
        let takes = self.would_take(request.side, price);
        match tif {
            TimeInForce::PostOnly if takes => Err(RejectReason::WouldTake),
            TimeInForce::FillOrKill if !takes || !self.fills_all(request) => Err(RejectReason::CannotFillAll),
            _ => Ok(()),
        }
    }

    /// Whether a limit price reaches the price at arrival.
    pub(crate) fn would_take(&self, side: Side, price: Price) -> bool {
        (price.0 - self.arrival_price(side).0) * side.sign() >= 0
    }

    /// Whether this bar's volume lets all of it fill at once.
    pub(crate) fn fills_all(&self, request: &OrderRequest) -> bool {
        let held = self.account.position(request.position_side).qty.abs();
        let wanted = if request.reduce_only { request.qty.min(held) } else { request.qty };
        self.budget.is_none_or(|budget| budget >= wanted.0)
    }

    /// The price at which an order is margined: where it takes, or where it waits.
    fn margin_price(&self, request: &OrderRequest) -> Price {
        let arrival = self.arrival_price(request.side);
        match request.kind {
            OrderKind::Market => self.taker_price(request.side, arrival, None),
            OrderKind::Limit { price, .. } if self.would_take(request.side, price) => {
                self.taker_price(request.side, arrival, Some(price))
            }
            OrderKind::Limit { price, .. } | OrderKind::StopLimit { price, .. } => price,
            OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => trigger,
            OrderKind::TrailingStop { .. } => arrival,
        }
    }
}
