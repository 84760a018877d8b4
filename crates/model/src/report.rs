//! What a venue says. Reports can be repeated, late or out of order on a real wire; they carry all they mean.

use crate::{Mark, OrderId, PositionSide, Price, Qty, Rate, Usd};

/// Whether a fill rested or took.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Liquidity {
    /// Rested in the book.
    Maker,
    /// Took from the book.
    Taker,
}

/// Why a venue refuses a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RejectReason {
    /// The client id was used before.
    DuplicateId,
    /// Quantity is zero, negative or below the instrument's minimum.
    QuantityTooSmall,
    /// Opening notional below the instrument's minimum.
    NotionalTooSmall,
    /// Larger than the last margin tier, or than arithmetic is safe for.
    PositionTooLarge,
    /// A price, trigger or distance is zero or negative.
    PriceNotPositive,
    /// Not enough free margin for it.
    InsufficientMargin,
    /// The tier this position would reach allows less leverage than the account uses.
    LeverageTooHigh,
    /// Post-only, and it would take at once.
    WouldTake,
    /// Fill-or-kill, and not all of it can fill.
    CannotFillAll,
    /// The trigger lies on the wrong side: it would fire at once.
    WouldTrigger,
    /// Reduce-only without a position to reduce.
    NothingToReduce,
    /// `Net` in hedge mode, or `Long`/`Short` in one-way mode.
    WrongPositionSide,
    /// In hedge mode an order can only open (buy long, sell short) or reduce (the reverse, reduce-only).
    WrongSideForPosition,
    /// A bracket with a stop on the wrong side, rungs larger than the entry, or on a reduce-only order.
    BadBracket,
    /// Cancel or amend of an order that does not rest here.
    UnknownOrder,
    /// As many orders rest as the venue allows.
    TooManyOrders,
    /// The account was liquidated or has no money left.
    AccountClosed,
    /// It did not reach the venue while it was valid, and never will.
    Expired,
}

impl RejectReason {
    /// All of them.
    pub const ALL: [RejectReason; 18] = [
        RejectReason::DuplicateId,
        RejectReason::QuantityTooSmall,
        RejectReason::NotionalTooSmall,
        RejectReason::PositionTooLarge,
        RejectReason::PriceNotPositive,
        RejectReason::InsufficientMargin,
        RejectReason::LeverageTooHigh,
        RejectReason::WouldTake,
        RejectReason::CannotFillAll,
        RejectReason::WouldTrigger,
        RejectReason::NothingToReduce,
        RejectReason::WrongPositionSide,
        RejectReason::WrongSideForPosition,
        RejectReason::BadBracket,
        RejectReason::UnknownOrder,
        RejectReason::TooManyOrders,
        RejectReason::AccountClosed,
        RejectReason::Expired,
    ];

    /// The word in files and tables.
    pub const fn name(self) -> &'static str {
        match self {
            RejectReason::DuplicateId => "duplicate_id",
            RejectReason::QuantityTooSmall => "quantity_too_small",
            RejectReason::NotionalTooSmall => "notional_too_small",
            RejectReason::PositionTooLarge => "position_too_large",
            RejectReason::PriceNotPositive => "price_not_positive",
            RejectReason::InsufficientMargin => "insufficient_margin",
            RejectReason::LeverageTooHigh => "leverage_too_high",
            RejectReason::WouldTake => "would_take",
            RejectReason::CannotFillAll => "cannot_fill_all",
            RejectReason::WouldTrigger => "would_trigger",
            RejectReason::NothingToReduce => "nothing_to_reduce",
            RejectReason::WrongPositionSide => "wrong_position_side",
            RejectReason::WrongSideForPosition => "wrong_side_for_position",
            RejectReason::BadBracket => "bad_bracket",
            RejectReason::UnknownOrder => "unknown_order",
            RejectReason::TooManyOrders => "too_many_orders",
            RejectReason::AccountClosed => "account_closed",
            RejectReason::Expired => "expired",
        }
    }
}

/// Why a resting order went away without filling.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CancelReason {
    /// Asked for.
    Requested,
    /// Immediate-or-cancel remainder.
    Unfilled,
    /// The position it protected is gone.
    PositionClosed,
    /// Its one-cancels-other partner filled.
    OtherFilled,
    /// Forced close of the account's position.
    Liquidated,
    /// A triggered or filling order that can no longer be margined.
    InsufficientMargin,
    /// It is not there any more, and nobody said why.
    Vanished,
}

/// A fill, as the account's owner hears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Fill {
    /// Which order.
    pub id: OrderId,
    /// Which position.
    pub position_side: PositionSide,
    /// Signed change of the position.
    pub qty: Qty,
    /// Where.
    pub price: Price,
    /// Paid for it (a rebate is negative).
    pub fee: Usd,
    /// Rested or took.
    pub liquidity: Liquidity,
    /// What is left of the order, unsigned.
    pub remaining: Qty,
}

/// Everything a venue tells an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Report {
    /// The order rests (or is about to fill).
    Accepted {
        /// Which.
        id: OrderId,
    },
    /// The request was refused and changed nothing.
    Rejected {
        /// Which.
        id: OrderId,
        /// Why.
        reason: RejectReason,
    },
    /// A stop, take-profit or trailing order went off.
    Triggered {
        /// Which.
        id: OrderId,
    },
    /// A (partial) fill.
    Filled(Fill),
    /// The order no longer rests.
    Cancelled {
        /// Which.
        id: OrderId,
        /// Why.
        reason: CancelReason,
    },
    /// Price or trigger was moved.
    Amended {
        /// Which.
        id: OrderId,
        /// Its new trigger or price.
        price: Price,
    },
    /// A funding instant was settled on the position then held.
    Funding {
        /// Which position.
        position_side: PositionSide,
        /// Signed position it was settled on.
        position: Qty,
        /// Mark it was valued at.
        mark: Mark,
        /// Rate.
        rate: Rate,
        /// Cash effect: received +, paid -.
        amount: Usd,
    },
    /// The venue took the position over: a forced close.
    Liquidated {
        /// Which position.
        position_side: PositionSide,
        /// Signed change of the position.
        qty: Qty,
        /// Where it was closed, in ticks.
        price: Price,
        /// Liquidation fee.
        fee: Usd,
        /// Cash effect of the takeover itself: margin seized (-) or a deficit covered by the insurance fund (+).
        settlement: Usd,
    },
    /// Part of a winning position was closed against somebody else's liquidation (auto-deleveraging), without a fee.
    Deleveraged {
        /// Which position.
        position_side: PositionSide,
        /// Signed change of the position.
        qty: Qty,
        /// Where it was closed.
        price: Price,
    },
}

impl Report {
    /// The order it is about; `None` for reports about positions.
    pub const fn order(&self) -> Option<OrderId> {
        match *self {
            Report::Accepted { id }
            | Report::Rejected { id, .. }
            | Report::Triggered { id }
            | Report::Cancelled { id, .. }
            | Report::Amended { id, .. } => Some(id),
            Report::Filled(fill) => Some(fill.id),
            Report::Funding { .. } | Report::Liquidated { .. } | Report::Deleveraged { .. } => None,
        }
    }
}
