//! Requests as they arrive: place, cancel, amend. Each is answered, by a report or a rejection.
//!
//! Whether an order may enter is decided in `admission`; what a fill does, in `fill`.

use crate::Rejection;
use crate::account::line_of;
use crate::fill::MarginCheck;
use crate::path::Walk;
use crate::resting::{RestingKind, RestingOrder, Role, Since};
use model::{
    CancelReason, OrderId, OrderKind, OrderRequest, Price, Qty, RejectReason, Report, Request, Side,
    TimeInForce, Usd,
};

impl Walk<'_> {
    /// Handles one request at the present instant.
    pub(crate) fn handle(&mut self, request: &Request) {
        let refused = match request {
            Request::Place(order) => self.place(order).map_err(|reason| (order.id, reason)),
            Request::Cancel(id) => match self.account.index_of(*id) {
                Some(index) => {
                    self.cancel(index, CancelReason::Requested);
                    Ok(())
                }
                None => Err((*id, RejectReason::UnknownOrder)),
            },
            Request::Amend { id, price } => self.amend(*id, *price).map_err(|reason| (*id, reason)),
        };
        if let Err((id, reason)) = refused {
            self.report(Report::Rejected { id, reason });
        }
    }

    /// The price at which an order of this side meets the market when it arrives: the open, or as far on the
    /// straight way from it to the order's adverse extreme as the bar has lasted, rounded against the order.
    pub(crate) fn arrival_price(&self, side: Side) -> Price {
        if self.elapsed_ms == 0 {
            return self.bar.open;
        }
        let extreme = if side == Side::Buy { self.bar.high } else { self.bar.low };
        let way = i128::from((extreme - self.bar.open).abs().0) * i128::from(self.elapsed_ms);
        let interval = i128::from(self.interval.0);
        let ticks = i64::try_from((way + interval - 1) / interval).expect("no further than the extreme");
        Price(self.bar.open.0 + side.sign() * ticks)
    }

    /// A base price after slippage, never worse than `worst`.
    pub(crate) fn taker_price(&self, side: Side, base: Price, worst: Option<Price>) -> Price {
        let slipped = self.account.settings.models.slipped(base, side);
        match (worst, side) {
            (None, _) => slipped,
            (Some(worst), Side::Buy) => slipped.min(worst),
            (Some(worst), Side::Sell) => slipped.max(worst),
        }
    }

    fn place(&mut self, request: &OrderRequest) -> Result<(), Rejection> {
        let arrival = self.arrival_price(request.side);
        (self.here, self.mark) = (arrival, self.mark_at(arrival));
        let frozen = self.admit(request)?;
        self.account.seen.insert(request.id, request.bracket.as_ref());
        let order = RestingOrder {
            id: request.id,
            side: request.side,
            position_side: request.position_side,
            remaining: request.qty,
            kind: RestingKind::of(request.kind, request.side, arrival),
            reduce_only: request.reduce_only,
            role: Role::Own,
            group: request.one_cancels_other,
            frozen,
            bracket: request.bracket,
            opened: Qty::ZERO,
            since: if self.elapsed_ms == 0 { Since::Open } else { Since::Late },
        };
        if request.kind == OrderKind::Market && self.fills_all(request) {
            self.keep(order);
        } else {
            self.rest(order);
        }
        let index = self.account.orders.len() - 1;
        match request.kind {
            OrderKind::Market => {
                self.take(index, arrival, None, MarginCheck::Done);
            }
            OrderKind::Limit { price, tif } => {
                if self.would_take(request.side, price) {
                    self.take(index, arrival, Some(price), MarginCheck::Done);
                }
                if tif == TimeInForce::ImmediateOrCancel
                    && let Some(index) = self.account.index_of(request.id)
                {
                    self.cancel(index, CancelReason::Unfilled);
                }
            }
            OrderKind::StopMarket { .. }
            | OrderKind::StopLimit { .. }
            | OrderKind::TakeProfit { .. }
            | OrderKind::TrailingStop { .. } => {}
        }
        Ok(())
    }

    fn amend(&mut self, id: OrderId, price: Price) -> Result<(), Rejection> {
        let index = self.account.index_of(id).ok_or(RejectReason::UnknownOrder)?;
        self.check_price(price)?;
        let order = self.account.orders[index];
        let kind = self.amended(&order, price)?;
        let frozen = if order.reduce_only {
            Usd::ZERO
        } else {
            self.mark = self.mark_at(self.arrival_price(order.side));
            let qty = Qty(order.remaining.0 * order.side.sign());
            let at = if let RestingKind::StopLimit { price, .. } = kind { price } else { price };
            self.account.opening_margin(line_of(order.position_side), qty, at, self.mark, order.frozen)?
        };
        self.account.frozen += frozen - order.frozen;
        let order = &mut self.account.orders[index];
        order.kind = kind;
        order.frozen = frozen;
        if self.elapsed_ms != 0 && order.since == Since::Open {
            order.since = Since::Late;
        }
        self.report(Report::Amended { id, price });
        Ok(())
    }

    /// What an order waits for after an amendment, which never takes or triggers at once.
    fn amended(&self, order: &RestingOrder, price: Price) -> Result<RestingKind, Rejection> {
        let moved = match order.kind {
            RestingKind::Market => return Err(RejectReason::UnknownOrder),
            RestingKind::Limit { .. } if self.would_take(order.side, price) => {
                return Err(RejectReason::WouldTake);
            }
            RestingKind::Limit { .. } => return Ok(RestingKind::Limit { price }),
            RestingKind::Stop { .. } => RestingKind::Stop { trigger: price },
            RestingKind::StopLimit { price: limit, .. } => {
                RestingKind::StopLimit { trigger: price, price: limit }
            }
            RestingKind::TakeProfit { .. } => RestingKind::TakeProfit { trigger: price },
            // The level moves; the best price follows from it, so that the distance stays.
            RestingKind::Trailing { activation, distance, watermark: Some(_) } => {
                let watermark = Some(Price(price.0 - order.side.sign() * distance.0));
                RestingKind::Trailing { activation, distance, watermark }
            }
            RestingKind::Trailing { distance, .. } => {
                return Ok(RestingKind::Trailing { activation: price, distance, watermark: None });
            }
        };
        let trigger = match moved {
            RestingKind::TakeProfit { trigger } => OrderKind::TakeProfit { trigger },
            _ => OrderKind::StopMarket { trigger: price },
        };
        self.check_trigger(trigger, order.side)?;
        Ok(moved)
    }
}
