//! The words for which way an order goes: the table that costs money when it is wrong.
//!
//! In hedge mode V2 calls the *position* `side` (closing a long is `buy` with `tradeSide` close), V3 keeps the real side
//! and adds `posSide`. In one-way mode both keep the real side, and closing is `reduceOnly`. Refuses every combination
//! that is not in that table.

use super::{Terms, Unsendable};
use crate::request::body::Body;
use crate::wire::Generation;
use model::{OrderRequest, PositionMode, PositionSide, RejectReason, Side};

/// The words of an order's direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Direction {
    /// `side`.
    pub side: &'static str,
    /// `tradeSide` of V2 in hedge mode.
    pub trade_side: Option<&'static str>,
    /// `posSide` of V3 in hedge mode.
    pub position_side: Option<&'static str>,
    /// `reduceOnly` in one-way mode.
    pub reduces: Option<bool>,
}

pub fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

/// `long` or `short`; the net position has no word.
pub fn position_word(side: PositionSide) -> Option<&'static str> {
    match side {
        PositionSide::Net => None,
        PositionSide::Long => Some("long"),
        PositionSide::Short => Some("short"),
    }
}

impl Direction {
    /// The words for an order on an account of these terms.
    pub fn of(terms: &Terms<'_>, order: &OrderRequest) -> Result<Direction, Unsendable> {
        let wrong = |reason| Err(Unsendable::Refused(reason));
        let real = side_word(order.side);
        let one_way =
            Direction { side: real, trade_side: None, position_side: None, reduces: Some(order.reduce_only) };
        let opens = match (terms.mode.position, order.position_side, order.side) {
            (PositionMode::OneWay, PositionSide::Net, _) => return Ok(one_way),
            (PositionMode::OneWay, ..) | (PositionMode::Hedge, PositionSide::Net, _) => {
                return wrong(RejectReason::WrongPositionSide);
            }
            (PositionMode::Hedge, PositionSide::Long, Side::Buy) => true,
            (PositionMode::Hedge, PositionSide::Short, Side::Sell) => true,
            (PositionMode::Hedge, ..) => false,
        };
        if opens == order.reduce_only {
            return wrong(RejectReason::WrongSideForPosition);
        }
        let hedge = Direction { reduces: None, ..one_way };
        Ok(match terms.generation {
            Generation::V2 => {
                let side = if order.position_side == PositionSide::Long { "buy" } else { "sell" };
                Direction { side, trade_side: Some(if opens { "open" } else { "close" }), ..hedge }
            }
            Generation::V3 => Direction { position_side: position_word(order.position_side), ..hedge },
        })
    }

    /// `side` and what belongs to it; `yes` and `no` are the words of this endpoint.
    pub fn put(self, body: Body, yes: &str, no: &str) -> Body {
        body.with("side", self.side)
            .with_some("tradeSide", self.trade_side)
            .with_some("posSide", self.position_side)
            .with_some("reduceOnly", self.reduces.map(|reduces| if reduces { yes } else { no }))
    }
}
