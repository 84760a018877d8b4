//! How the exchange writes what it knows: one file a dialect and place.
//!
//! Written from the reference, key by key, and held against its samples by a test. Refuses to decide anything.

pub(crate) mod market_v2;
pub(crate) mod market_v3;
pub(crate) mod push_v2;
pub(crate) mod push_v3;
pub(crate) mod v2;
pub(crate) mod v3;

use crate::records::{Cause, Hold, Kind, Status};
use model::{MarginMode, PositionMode, PositionSide, Side, Time, TimeInForce};

pub(crate) fn ms(at: Time) -> String {
    at.0.to_string()
}

pub(crate) const fn side_word(side: Side) -> &'static str {
    match side {
        Side::Buy => "buy",
        Side::Sell => "sell",
    }
}

pub(crate) const fn margin_word(margin: MarginMode) -> &'static str {
    match margin {
        MarginMode::Cross => "crossed",
        MarginMode::Isolated => "isolated",
    }
}

pub(crate) const fn position_mode_word(mode: PositionMode) -> &'static str {
    match mode {
        PositionMode::OneWay => "one_way_mode",
        PositionMode::Hedge => "hedge_mode",
    }
}

pub(crate) const fn type_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Market => "market",
        Kind::Limit { .. } => "limit",
    }
}

pub(crate) const fn force_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Market => "gtc",
        Kind::Limit { tif, .. } => match tif {
            TimeInForce::GoodTillCancelled => "gtc",
            TimeInForce::PostOnly => "post_only",
            TimeInForce::ImmediateOrCancel => "ioc",
            TimeInForce::FillOrKill => "fok",
        },
    }
}

pub(crate) const fn reason_word(status: Status) -> &'static str {
    match status {
        Status::Cancelled(reason) => reason,
        _ => "",
    }
}

/// Which position an order of this side touches: the one it opens, or the one it closes.
pub(crate) const fn touched(side: Side, position_side: PositionSide, closes: bool) -> Hold {
    match (position_side, side) {
        (PositionSide::Long, _) => Hold::Long,
        (PositionSide::Short, _) => Hold::Short,
        (PositionSide::Net, Side::Buy) if !closes => Hold::Long,
        (PositionSide::Net, Side::Sell) if closes => Hold::Long,
        (PositionSide::Net, _) => Hold::Short,
    }
}

/// `tradeSide` in hedge mode and everywhere in V3.
pub(crate) const fn trade_word(cause: Cause, hold: Hold, closes: bool) -> &'static str {
    match (cause, hold) {
        (Cause::Order, _) if closes => "close",
        (Cause::Order, _) => "open",
        (Cause::Liquidation, Hold::Long) => "burst_close_long",
        (Cause::Liquidation, Hold::Short) => "burst_close_short",
        (Cause::Deleveraging, Hold::Long) => "dte_sys_adl_close_long",
        (Cause::Deleveraging, Hold::Short) => "dte_sys_adl_close_short",
    }
}

/// `tradeSide` of V2 in one-way mode.
pub(crate) const fn single_word(cause: Cause, side: Side) -> &'static str {
    match (cause, side) {
        (Cause::Order, Side::Buy) => "buy_single",
        (Cause::Order, Side::Sell) => "sell_single",
        (Cause::Liquidation, Side::Buy) => "burst_buy_single",
        (Cause::Liquidation, Side::Sell) => "burst_sell_single",
        (Cause::Deleveraging, Side::Buy) => "dte_sys_adl_buy_in_single_side_mode",
        (Cause::Deleveraging, Side::Sell) => "dte_sys_adl_sell_in_single_side_mode",
    }
}
