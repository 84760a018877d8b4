//! What a fill does to an account: position, money, the order, and the orders that hang on it.
//!
//! Every fill of every kind of order comes through here; where and when it happens was decided before.

use crate::account::{ORDERS_MAX, line_of};
use crate::books::Entry;
use crate::path::{Phase, Walk};
use crate::resting::RestingOrder;
use model::{
    CancelReason, Fill, Liquidity, MarginMode, Position, PositionMode, Price, Qty, Realised, Report, Usd,
};

/// Whether the margin of a fill was found at this very price just before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarginCheck {
    Due,
    Done,
}

impl Walk<'_> {
    pub(crate) fn report(&mut self, report: Report) {
        self.reports.push(self.now, self.account.settings.id, report);
    }

    /// Puts an order to rest and says so.
    pub(crate) fn rest(&mut self, order: RestingOrder) {
        let id = order.id;
        self.keep(order);
        self.report(Report::Accepted { id });
    }

    /// Puts an order with the others; one that fills whole on arrival is answered by its fill alone.
    pub(crate) fn keep(&mut self, order: RestingOrder) {
        assert!(self.account.orders.len() < ORDERS_MAX, "room was found before an order was accepted");
        self.account.frozen += order.frozen;
        self.account.orders.push(order);
    }

    /// Takes an order away unfilled.
    pub(crate) fn cancel(&mut self, index: usize, reason: CancelReason) {
        let order = self.account.orders.remove(index);
        self.account.frozen -= order.frozen;
        self.report(Report::Cancelled { id: order.id, reason });
    }

    /// Cancels every order the condition picks.
    pub(crate) fn cancel_where(&mut self, reason: CancelReason, picks: impl Fn(&RestingOrder) -> bool) {
        while let Some(index) = self.account.orders.iter().position(&picks) {
            self.cancel(index, reason);
        }
    }

    /// Fills an order at a price from its own base price, slippage on top, never worse than `worst`.
    pub(crate) fn take(
        &mut self,
        index: usize,
        base: Price,
        worst: Option<Price>,
        margin: MarginCheck,
    ) -> Qty {
        let price = self.taker_price(self.account.orders[index].side, base, worst);
        self.fill(index, price, Liquidity::Taker, margin)
    }

    /// Fills as much of an order as reduce-only and volume allow. Returns the lots it opened.
    pub(crate) fn fill(
        &mut self,
        index: usize,
        price: Price,
        liquidity: Liquidity,
        margin: MarginCheck,
    ) -> Qty {
        let order = self.account.orders[index];
        let line = line_of(order.position_side);
        let held = self.account.positions[line].qty;
        let wanted = if order.reduce_only { order.remaining.0.min(held.0.abs()) } else { order.remaining.0 };
        let lots = self.budget.map_or(wanted, |budget| budget.min(wanted));
        if lots == 0 {
            return Qty::ZERO;
        }
        let qty = Qty(lots * order.side.sign());
        assert!(
            !order.reduce_only || qty.0.signum() * held.0.signum() < 0,
            "a reduce-only order that cannot reduce does not rest"
        );
        if self.bankrupts(line, qty, price, liquidity) {
            self.liquidate(line, price);
            return Qty::ZERO;
        }
        if margin == MarginCheck::Due
            && self.account.opening_margin(line, qty, price, self.mark, order.frozen).is_err()
        {
            self.cancel(index, CancelReason::InsufficientMargin);
            return Qty::ZERO;
        }
        let realised = self.account.positions[line].fill(qty, price);
        let fee = self.fee(qty, price, liquidity);
        self.account.post_fill(line, held, &realised, price, fee);
        self.budget = self.budget.map(|budget| budget - lots);
        let remaining = Qty(wanted - lots);
        self.reduce_order(index, remaining, realised.opened);
        self.report(Report::Filled(Fill {
            id: order.id,
            position_side: order.position_side,
            qty,
            price,
            fee,
            liquidity,
            remaining,
        }));
        self.account.refresh_levels(line, self.mark);
        self.follow_up(&order, line, remaining, &realised);
        realised.opened
    }

    /// What other orders learn from a fill.
    fn follow_up(&mut self, order: &RestingOrder, line: usize, remaining: Qty, realised: &Realised) {
        if self.account.orders.is_empty() && order.bracket.is_none() {
            return;
        }
        if order.group.is_some() {
            self.cancel_where(CancelReason::OtherFilled, |other| other.is_partner_of(order));
        }
        self.end_exits_of(line);
        if realised.opened.0 > 0 {
            self.grow_bracket(order, realised.opened);
        }
        self.end_ladder_of(order, remaining);
        match self.account.settings.mode.position {
            PositionMode::OneWay => self.fit_brackets(line, Some(order.id)),
            PositionMode::Hedge if realised.closed.0 > 0 => self.cut_legs_of(order.id, realised.closed),
            PositionMode::Hedge => {}
        }
    }

    /// Takes filled lots off an order; a finished one leaves.
    fn reduce_order(&mut self, index: usize, remaining: Qty, opened: Qty) {
        let order = &mut self.account.orders[index];
        let frozen = if order.frozen.0 == 0 {
            Usd::ZERO
        } else {
            let kept = i128::from(order.frozen.0) * i128::from(remaining.0) / i128::from(order.remaining.0);
            Usd(i64::try_from(kept).expect("a part is no larger than the whole"))
        };
        self.account.frozen -= order.frozen - frozen;
        order.frozen = frozen;
        order.remaining = remaining;
        order.opened += opened;
        if remaining.0 == 0 {
            self.account.orders.remove(index);
        }
        assert!(self.account.frozen.0 >= 0, "no more is released than was held back");
    }

    fn fee(&self, qty: Qty, price: Price, liquidity: Liquidity) -> Usd {
        let ratio = match liquidity {
            Liquidity::Maker => self.terms.maker,
            Liquidity::Taker => self.terms.taker,
        };
        self.terms.fee(qty, price, ratio)
    }

    /// Whether the closing part of a fill would leave the position's margin, or the account, below zero: the venue
    /// takes such a position over instead of letting it trade.
    fn bankrupts(&self, line: usize, qty: Qty, price: Price, liquidity: Liquidity) -> bool {
        let closing = self.account.closing_lots(line, qty);
        if closing == 0 || self.account.is_safe_to_close_at(line, price) {
            return false;
        }
        let fee = self.fee(Qty(closing), price, liquidity);
        self.leaves_debt(line, Qty(closing * qty.0.signum()), price, fee)
    }

    /// Whether closing `qty` of a position would leave its margin, or the account, below zero.
    pub(crate) fn leaves_debt(&self, line: usize, qty: Qty, price: Price, fee: Usd) -> bool {
        let mut left = self.account.positions[line];
        let held = left.qty;
        let profit = self.terms.usd(left.fill(qty, price).profit);
        let wallet = self.account.books.balance(Entry::Wallet) + profit - fee;
        match self.account.settings.mode.margin {
            MarginMode::Isolated => {
                let share = self.account.pool_share(line, held, qty.0.abs());
                (share + profit).0 < 0 || (wallet + share).0 < 0
            }
            MarginMode::Cross => {
                let other: &Position = &self.account.positions[1 - line];
                let unrealised =
                    self.terms.usd(left.unrealised(price)) + self.terms.margin.unrealised(other, self.mark);
                (wallet + unrealised).0 < 0
            }
        }
    }

    /// Which part of the bar an exit sees that starts to rest now.
    pub(crate) fn exits_since(&self) -> crate::resting::Since {
        match self.phase {
            Phase::Open => crate::resting::Since::Open,
            Phase::Inside => crate::resting::Since::Next,
        }
    }
}
