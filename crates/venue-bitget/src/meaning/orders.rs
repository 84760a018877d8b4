//! Orders and fills in the farm's words: whose, how far, at what price, for what fee, and how it ended.
//!
//! V2 writes a paid fee as a negative number, V3 as a positive one; here paid is positive, as everywhere in the farm. A
//! fee in another coin is not money of this account and is handed on as it is. Refuses to invent a fill: rows of orders
//! carry one only where they name a trade.

use super::directions::{Forced, Source, Way, Words};
use super::{Reading, Unread};
use crate::number::{BadNumber, Field, NoneIs};
use crate::order_id::Origin;
use crate::wire::trading::{Fee, Fill, Order};
use crate::wire::{Generation, Text};
use model::{CancelReason, Liquidity, Price, Qty, RejectReason, Report, Time, Usd};

/// A fill, apart from what is left of its order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Execution {
    /// By which a repeated one is known.
    pub trade_id: String,
    /// The exchange's id of the order.
    pub order_id: String,
    /// Whose order it was, if the row says.
    pub origin: Origin,
    /// Which way it went.
    pub way: Way,
    /// How much, unsigned.
    pub qty: Qty,
    /// Where.
    pub price: Price,
    /// Paid in USDT (a rebate is negative), rounded once.
    pub fee: Usd,
    /// Fees in other coins, paid positive, as text.
    pub other_fees: Vec<Fee>,
    /// Rested or took.
    pub liquidity: Liquidity,
    /// When.
    pub at: Time,
}

impl Execution {
    /// Signed change of the position.
    pub fn change(&self) -> Qty {
        Qty(self.qty.0 * self.way.side.sign())
    }

    /// What the farm hears if this is an auto-deleveraging. What a liquidation cost stands in the bills, not here.
    pub fn deleveraged(&self) -> Option<Report> {
        let Way { position_side, forced, .. } = self.way;
        let (qty, price) = (self.change(), self.price);
        (forced == Some(Forced::Deleveraging)).then_some(Report::Deleveraged { position_side, qty, price })
    }
}

/// Where an order stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Status {
    /// It rests, or is about to.
    Live,
    /// Some of it has filled.
    PartlyFilled,
    /// All of it.
    Filled,
    /// It is gone, perhaps after having filled in part.
    Ended(Ending),
    /// A word that is not known: ask for the order again.
    Unknown(String),
}

/// How an order ended without filling whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It had been taken, and went away.
    Cancelled(CancelReason),
    /// Bitget takes some orders only to cancel them at once: in our words they were refused.
    Refused(RejectReason),
}

/// An order as it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderState {
    /// The exchange's id.
    pub order_id: String,
    /// Whose.
    pub origin: Origin,
    /// Where it stands.
    pub status: Status,
    /// Whether a trigger that went off made it.
    pub from_trigger: bool,
    /// Which way it goes.
    pub way: Way,
    /// All of it.
    pub qty: Qty,
    /// What of it has filled.
    pub filled: Qty,
    /// Its limit; `None` for a market order.
    pub price: Option<Price>,
    /// The fill this row tells of, if it does.
    pub execution: Option<Execution>,
    /// When it changed last.
    pub updated_at: Time,
}

impl OrderState {
    /// What is left of it.
    pub fn remaining(&self) -> Qty {
        self.qty - self.filled
    }

    /// The fill this row tells of, as the farm hears it; only for orders of ours that fill as asked.
    pub fn report(&self) -> Option<model::Fill> {
        let (Some(execution), Origin::Ours(sent)) = (&self.execution, self.origin) else { return None };
        execution.way.forced.is_none().then(|| model::Fill {
            id: sent.order,
            position_side: execution.way.position_side,
            qty: execution.change(),
            price: execution.price,
            fee: execution.fee,
            liquidity: execution.liquidity,
            remaining: self.remaining(),
        })
    }
}

/// Reads an order of a list, in detail, or pushed.
pub fn order_state(reading: &Reading<'_>, row: &Order<'_>) -> Result<OrderState, Unread> {
    reading.check_symbol(&row.symbol)?;
    if row.order_id.is_empty() {
        return Err(Unread::NoId);
    }
    let lot = reading.instrument.lot;
    let words = Words {
        side: &row.side,
        trade_side: &row.trade_side,
        position_side: &row.position_side,
        exec_type: row.exec_type.as_str(),
    };
    let way = words.way(reading, Source::Listing)?;
    let qty = row.size.field("size").qty(lot)?;
    let filled = row.filled().field("filled").optional().map_or(Ok(Qty::ZERO), |field| field.qty(lot))?;
    let price = row.price.field("price").unless(NoneIs::Zero);
    let price = price.map(|field| field.price(reading.instrument.tick)).transpose()?;
    Ok(OrderState {
        order_id: row.order_id.to_string(),
        origin: reading.prefix.origin(row.client_id.as_str()),
        status: status(&row.status, &row.cancel_reason),
        from_trigger: is_from_trigger(row.source.as_str()),
        way,
        qty,
        filled,
        price,
        execution: pushed_execution(reading, row, way)?,
        updated_at: row.updated_at.field("uTime").time()?,
    })
}

/// `pos_loss_market`, `plan_market`, `profit_limit` and their like: the children of triggers; the rest was asked for.
fn is_from_trigger(source: &str) -> bool {
    ["loss", "profit", "plan", "track", "trigger"].iter().any(|word| source.contains(word))
}

fn status(word: &Text<'_>, reason: &Text<'_>) -> Status {
    match word.as_str() {
        "live" | "new" | "init" => Status::Live,
        "partially_filled" => Status::PartlyFilled,
        "filled" => Status::Filled,
        "canceled" | "cancelled" => Status::Ended(ending(reason.as_str())),
        "rejected" => Status::Ended(Ending::Refused(RejectReason::Expired)),
        other => Status::Unknown(other.to_owned()),
    }
}

fn ending(reason: &str) -> Ending {
    use CancelReason::{InsufficientMargin, Liquidated, PositionClosed, Requested, Unfilled, Vanished};
    match reason {
        "fok_not_full_cancel" => Ending::Refused(RejectReason::CannotFillAll),
        "post_only_fill_cancel" => Ending::Refused(RejectReason::WouldTake),
        "cancel_receiveWindow" => Ending::Refused(RejectReason::Expired),
        "ioc_not_full_cancel" | "slippage_cancel" | "limit_price_exceed_cancel" | "penetrate_cancel" => {
            Ending::Cancelled(Unfilled)
        }
        "tpsl_plan_cancel" | "back_contract_cancel" | "delivery_order_cancel" => {
            Ending::Cancelled(PositionClosed)
        }
        "burst_cancel" | "adl_cancel" => Ending::Cancelled(Liquidated),
        "delegated_risk_order_cancel" => Ending::Cancelled(InsufficientMargin),
        // Somebody on our side of the wire: a cancel, an amendment of V2, two orders of ours that met.
        "normal_cancel" | "modify_limit_order" | "stp_cancel" | "self_trade_cancel" => {
            Ending::Cancelled(Requested)
        }
        _ => Ending::Cancelled(Vanished),
    }
}

/// The fill a pushed V2 order tells of: it is one only with a trade id and a price (rows of cancels repeat old ids).
fn pushed_execution(reading: &Reading<'_>, row: &Order<'_>, way: Way) -> Result<Option<Execution>, Unread> {
    let Some(price) = row.fill_price.field("fillPrice").unless(NoneIs::Zero) else { return Ok(None) };
    if row.trade_id.is_empty() || row.filled_total.is_empty() {
        return Ok(None);
    }
    let fee = Fee { coin: row.fill_fee_coin.to_string(), amount: row.fill_fee.to_string() };
    let fees = if fee.amount.is_empty() { Vec::new() } else { vec![fee] };
    let (fee, other_fees) = paid(reading.generation, &fees)?;
    Ok(Some(Execution {
        trade_id: row.trade_id.to_string(),
        order_id: row.order_id.to_string(),
        origin: reading.prefix.origin(row.client_id.as_str()),
        way,
        qty: row.filled_rest.field("baseVolume").qty(reading.instrument.lot)?,
        price: traded(reading, price, way)?,
        fee,
        other_fees,
        liquidity: liquidity(&row.trade_scope),
        at: row.fill_at.field("fillTime").time()?,
    }))
}

/// Reads a fill of a list or of the fill channel. V2's lists do not say whose order it was: look its id up.
pub fn execution(reading: &Reading<'_>, row: &Fill<'_>, source: Source) -> Result<Execution, Unread> {
    reading.check_symbol(&row.symbol)?;
    if row.trade_id.is_empty() || row.order_id.is_empty() {
        return Err(Unread::NoId);
    }
    let words = Words {
        side: &row.side,
        trade_side: &row.trade_side,
        position_side: &row.position_side,
        exec_type: "",
    };
    let way = words.way(reading, source)?;
    let (fee, other_fees) = paid(reading.generation, &row.fees.0)?;
    Ok(Execution {
        trade_id: row.trade_id.to_string(),
        order_id: row.order_id.to_string(),
        origin: reading.prefix.origin(row.client_id.as_str()),
        way,
        qty: row.size.field("size").qty(reading.instrument.lot)?,
        price: traded(reading, row.price.field("price"), way)?,
        fee,
        other_fees,
        liquidity: liquidity(&row.trade_scope),
        at: row.at.field("cTime").time()?,
    })
}

/// Trades happen at ticks; what the venue does by itself may not.
fn traded(reading: &Reading<'_>, price: Field<'_>, way: Way) -> Result<Price, BadNumber> {
    let tick = reading.instrument.tick;
    if way.forced.is_some() { price.price_rounded(tick) } else { price.price(tick) }
}

fn liquidity(word: &Text<'_>) -> Liquidity {
    // `taker` and `maker` on REST, `T` and `M` pushed; what is neither pays the taker's fee in our books until it shows.
    if word.is("maker") || word.is("M") { Liquidity::Maker } else { Liquidity::Taker }
}

/// What was paid in USDT, and what in other coins, with paid as positive.
fn paid(generation: Generation, fees: &[Fee]) -> Result<(Usd, Vec<Fee>), BadNumber> {
    let (mut usdt, mut others) = (Usd::ZERO, Vec::new());
    for fee in fees {
        let field = Field { name: "fee", text: &fee.amount };
        let exact = field.exact()?;
        let sign = if generation == Generation::V2 { -1 } else { 1 };
        if fee.coin.eq_ignore_ascii_case("USDT") {
            usdt += Usd(field.usd_rounded()?.0 * sign);
        } else {
            let mantissa = exact.mantissa * i128::from(sign);
            let amount = crate::number::Exact { mantissa, ..exact }.to_string();
            others.push(Fee { coin: fee.coin.clone(), amount });
        }
    }
    Ok((usdt, others))
}
