//! Positions and funding in the farm's words.
//!
//! A position's size has no sign at Bitget: the side it is held on says it, in one-way mode too. Refuses to take a
//! missing row for a flat position: who reads a list decides what its silence means.

use super::{Reading, Unread};
use crate::number::NoneIs;
use crate::wire::Generation;
use crate::wire::account::{Balance, Bill};
use crate::wire::trading::Position;
use model::{Mark, PositionMode, PositionSide, Qty, Time, Usd};

/// An open position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Held {
    /// Which one.
    pub position_side: PositionSide,
    /// Signed.
    pub qty: Qty,
    /// Average entry price, rounded once.
    pub entry: Option<Mark>,
    /// Where the exchange would take it over, rounded once; `None` if nowhere.
    pub liquidation: Option<Mark>,
    /// Leverage.
    pub leverage: Option<u16>,
}

/// Reads a position of a list, or pushed; a pushed end of one is a quantity of zero.
pub fn held(reading: &Reading<'_>, row: &Position<'_>) -> Result<Held, Unread> {
    reading.check_symbol(&row.symbol)?;
    let total = row.total.field("total").qty(reading.instrument.lot)?;
    let (named, sign) = match row.side.as_str() {
        "long" => (PositionSide::Long, 1),
        "short" => (PositionSide::Short, -1),
        other => {
            let empty = String::new;
            let (side, position_side) = (empty(), other.to_owned());
            return Err(Unread::NoDirection { side, trade_side: empty(), position_side });
        }
    };
    let price = |text: &crate::wire::Text<'_>, name| {
        text.field(name).unless(NoneIs::NotPositive).map(|field| field.mark_rounded()).transpose()
    };
    Ok(Held {
        position_side: if reading.position == PositionMode::OneWay { PositionSide::Net } else { named },
        qty: Qty(total.0 * sign),
        entry: price(&row.entry_price, "openPriceAvg")?,
        liquidation: price(&row.liquidation_price, "liquidationPrice")?,
        leverage: row
            .leverage
            .field("leverage")
            .unless(NoneIs::Zero)
            .map(|field| field.small())
            .transpose()?,
    })
}

/// What an account holds, as an audit wants it: the net position first, or the long and the short one.
pub fn positions(held: &[Held]) -> [Qty; 2] {
    let mut both = [Qty::ZERO; 2];
    for one in held {
        both[usize::from(one.position_side == PositionSide::Short)] += one.qty;
    }
    both
}

/// The realised money of an account in USDT, rounded once: what is open is not in it.
pub fn wallet(reading: &Reading<'_>, row: &Balance<'_>) -> Result<Usd, Unread> {
    if !row.coin.is("USDT") {
        return Err(Unread::OtherCoin(row.coin.to_string()));
    }
    // V2's `available` is the wallet without deduction of margin; V3 has a word of its own for it.
    Ok(match reading.generation {
        Generation::V2 => row.available.field("available").usd_rounded()?,
        Generation::V3 => row.balance.field("balance").usd_rounded()?,
    })
}

/// A funding instant that was settled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// By which a repeated one is known.
    pub id: String,
    /// Of what.
    pub symbol: String,
    /// Cash effect: received +, paid -; rounded once.
    pub amount: Usd,
    /// When.
    pub at: Time,
}

/// Reads a bill, if it settles a takeover in USDT.
pub fn seized(row: &Bill<'_>) -> Result<Option<Settled>, Unread> {
    if !row.is_seizure() || !row.coin.is("USDT") {
        return Ok(None);
    }
    if row.id.is_empty() {
        return Err(Unread::NoId);
    }
    let (id, symbol) = (row.id.to_string(), row.symbol.to_string());
    let amount = row.amount.field("amount").usd_rounded()?;
    Ok(Some(Settled { id, symbol, amount, at: row.at.field("cTime").time()? }))
}

/// Reads a bill, if it is a funding settlement in USDT.
pub fn settled(row: &Bill<'_>) -> Result<Option<Settled>, Unread> {
    if !row.is_funding() || !row.coin.is("USDT") {
        return Ok(None);
    }
    if row.id.is_empty() {
        return Err(Unread::NoId);
    }
    let written = row.amount.field("amount").usd_rounded()?;
    // V3 says the way in the name of the bill; whatever sign the amount has then.
    let amount = match row.kind.as_str() {
        "CONTRACT_MAIN_SETTLE_FEE_USER_OUT" => -written.abs(),
        "CONTRACT_MAIN_SETTLE_FEE_USER_IN" => written.abs(),
        _ => written,
    };
    let (id, symbol) = (row.id.to_string(), row.symbol.to_string());
    Ok(Some(Settled { id, symbol, amount, at: row.at.field("cTime").time()? }))
}
