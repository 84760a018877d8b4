//! Cases of single orders: every kind and time in force, refusals, amendments, cancels.
//!
//! Refuses nothing of its own: a case is what it says.

use super::Row;
use super::stage::{End, Stage, Word};
use model::{
    CancelReason, Interval, Leg, Liquidity, OrderId, OrderKind, OrderRequest, PositionSide, Price, Qty,
    RejectReason, Report, Request, Side, TimeInForce,
};

use TimeInForce::{FillOrKill, GoodTillCancelled, ImmediateOrCancel, PostOnly};
use Word::{Filled, Gone, Moved, Refused, Taken, WentOff};

type Played = Result<(), String>;

/// Ticks that no order of a case reaches unless it says so.
const FAR: i64 = 5_000;

pub(super) const CASES: &[Row] = &[
    ("a market order to buy fills at the price", market_buy),
    ("a market order to sell fills at the price", market_sell),
    ("a limit rests until the market comes, and is a maker at its price", limit_rests),
    ("a limit beyond the market takes at once, at no worse than its price", limit_takes),
    ("immediate or cancel, out of reach: it is over and nothing filled", ioc_out_of_reach),
    ("immediate or cancel, in reach: it fills", ioc_in_reach),
    ("fill or kill, in reach: it fills whole", fok_in_reach),
    ("fill or kill, out of reach: it never was", fok_out_of_reach),
    ("post-only rests, and is a maker", post_only_rests),
    ("post-only that would take is refused", post_only_would_take),
    ("a stop at market goes off and fills", stop_market),
    ("a stop with a limit goes off, rests, and fills at its limit", stop_limit),
    ("a take-profit goes off and fills", take_profit),
    ("a trailing stop is refused, or rests and can be taken back", trailing),
    ("a group of one cancels other is refused, or rests and can be taken back", group),
    ("less than the least is refused", too_small),
    ("a price of nothing is refused", no_price),
    ("less than the least money is refused", notional_too_small),
    ("more than the margin allows is refused", too_large),
    ("the id of an order that has filled is not taken twice", duplicate_of_filled),
    ("the id of an order at rest is not taken twice, and that one stays", duplicate_of_resting),
    ("a cancel ends what rests", cancel_resting),
    ("a cancel of what has filled is refused", cancel_filled),
    ("a cancel of what never was is refused", cancel_unknown),
    ("a limit is moved, and fills at its new price only", amend_limit),
    ("moving what never was is refused", amend_unknown),
    ("a limit moved into the market: refused or filled, told either way", amend_into_market),
    ("a request after its time is not done, and nothing is said", late),
    ("an order to reduce nothing is refused", reduce_nothing),
    ("an order to reduce takes part of a position", reduce_part),
    ("an order to reduce more than there is ends the position and itself", reduce_more),
    ("the other side: a net position turns, a hedged one stands beside", other_side),
    ("the line of the other position mode is refused", wrong_line),
    ("several orders at once are each told of once", several),
];

fn market(stage: &mut Stage<'_>, side: Side) -> Played {
    let order = stage.entry(side, 20, OrderKind::Market);
    let id = stage.place(order);
    stage.hears(id, &[Filled(20 * side.sign(), End::Whole)])?;
    let fill = stage.fill(id)?;
    let is_right = fill.price == stage.subject.price()
        && fill.liquidity == Liquidity::Taker
        && fill.fee.0 > 0
        && fill.position_side == stage.line(side);
    if is_right { Ok(()) } else { Err(format!("another fill: {fill:?}")) }
}

fn market_buy(stage: &mut Stage<'_>) -> Played {
    market(stage, Side::Buy)
}

fn market_sell(stage: &mut Stage<'_>) -> Played {
    market(stage, Side::Sell)
}

/// A maker's fill at this price.
fn is_maker(stage: &Stage<'_>, id: OrderId, price: Price) -> Played {
    let fill = stage.fill(id)?;
    let is_right = fill.price == price && fill.liquidity == Liquidity::Maker;
    if is_right { Ok(()) } else { Err(format!("not a maker at {price:?}: {fill:?}")) }
}

fn rests_and_fills(stage: &mut Stage<'_>, tif: TimeInForce) -> Played {
    let price = stage.at(-100);
    let order = stage.entry(Side::Buy, 20, OrderKind::Limit { price, tif });
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    stage.settle()?;
    stage.go(-150);
    stage.hears(id, &[Taken, Filled(20, End::Whole)])?;
    is_maker(stage, id, price)
}

fn limit_rests(stage: &mut Stage<'_>) -> Played {
    rests_and_fills(stage, GoodTillCancelled)
}

fn post_only_rests(stage: &mut Stage<'_>) -> Played {
    rests_and_fills(stage, PostOnly)
}

fn takes(stage: &mut Stage<'_>, tif: TimeInForce) -> Played {
    let price = stage.at(50);
    let order = stage.entry(Side::Buy, 20, OrderKind::Limit { price, tif });
    let id = stage.place(order);
    stage.hears(id, &[Filled(20, End::Whole)])?;
    let fill = stage.fill(id)?;
    let is_right = fill.price <= price && fill.liquidity == Liquidity::Taker;
    if is_right { Ok(()) } else { Err(format!("not a taker up to {price:?}: {fill:?}")) }
}

fn limit_takes(stage: &mut Stage<'_>) -> Played {
    takes(stage, GoodTillCancelled)
}

fn ioc_in_reach(stage: &mut Stage<'_>) -> Played {
    takes(stage, ImmediateOrCancel)
}

fn fok_in_reach(stage: &mut Stage<'_>) -> Played {
    takes(stage, FillOrKill)
}

fn ioc_out_of_reach(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(-100, ImmediateOrCancel);
    let order = stage.entry(Side::Buy, 20, kind);
    let id = stage.place(order);
    stage.hears(id, &[Gone(&[CancelReason::Unfilled])])?;
    stage.go(-200);
    stage.settle()
}

fn fok_out_of_reach(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(-100, FillOrKill);
    refused(stage, Side::Buy, 20, kind, &[RejectReason::CannotFillAll])?;
    stage.go(-200);
    stage.settle()
}

fn post_only_would_take(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(50, PostOnly);
    refused(stage, Side::Buy, 20, kind, &[RejectReason::WouldTake])
}

fn refused(
    stage: &mut Stage<'_>,
    side: Side,
    lots: i64,
    kind: OrderKind,
    reasons: &'static [RejectReason],
) -> Played {
    let order = stage.entry(side, lots, kind);
    let id = stage.place(order);
    stage.hears(id, &[Refused(reasons)])
}

fn stop_market(stage: &mut Stage<'_>) -> Played {
    let trigger = stage.at(100);
    let order = stage.entry(Side::Buy, 20, OrderKind::StopMarket { trigger });
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    stage.settle()?;
    stage.go(150);
    stage.hears(id, &[Taken, WentOff, Filled(20, End::Whole)])
}

fn stop_limit(stage: &mut Stage<'_>) -> Played {
    let (trigger, price) = (stage.at(100), stage.at(40));
    let order = stage.entry(Side::Buy, 20, OrderKind::StopLimit { trigger, price });
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    stage.go(150);
    stage.hears(id, &[Taken, WentOff])?;
    stage.settle()?;
    stage.go(-150);
    stage.hears(id, &[Taken, WentOff, Filled(20, End::Whole)])?;
    is_maker(stage, id, price)
}

fn take_profit(stage: &mut Stage<'_>) -> Played {
    let trigger = stage.at(-100);
    let order = stage.entry(Side::Buy, 20, OrderKind::TakeProfit { trigger });
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    stage.go(-150);
    stage.hears(id, &[Taken, WentOff, Filled(20, End::Whole)])
}

/// What a venue may not have: it says so, or it does it.
fn refused_or_rests(stage: &mut Stage<'_>, order: OrderRequest) -> Played {
    let id = stage.place(order);
    stage.until("an answer", |stage| !stage.said_of(0, id).is_empty())?;
    if matches!(stage.said_of(0, id)[0], Report::Rejected { .. }) {
        return stage.hears(id, &[Refused(&[])]);
    }
    stage.cancel(id);
    stage.hears(id, &[Taken, Gone(&[CancelReason::Requested])])
}

fn trailing(stage: &mut Stage<'_>) -> Played {
    let kind = OrderKind::TrailingStop { activation: None, distance: Price(200) };
    let order = stage.entry(Side::Buy, 20, kind);
    refused_or_rests(stage, order)
}

fn group(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(-FAR, GoodTillCancelled);
    let order = OrderRequest { one_cancels_other: Some(1), ..stage.entry(Side::Buy, 20, kind) };
    refused_or_rests(stage, order)
}

fn too_small(stage: &mut Stage<'_>) -> Played {
    refused(stage, Side::Buy, 0, OrderKind::Market, &[RejectReason::QuantityTooSmall])
}

fn no_price(stage: &mut Stage<'_>) -> Played {
    let kind = OrderKind::Limit { price: Price(0), tif: GoodTillCancelled };
    let reasons = &[RejectReason::PriceNotPositive, RejectReason::NotionalTooSmall];
    refused(stage, Side::Buy, 20, kind, reasons)
}

fn notional_too_small(stage: &mut Stage<'_>) -> Played {
    let kind = OrderKind::Limit { price: Price(10_000), tif: GoodTillCancelled };
    refused(stage, Side::Buy, 1, kind, &[RejectReason::NotionalTooSmall])
}

fn too_large(stage: &mut Stage<'_>) -> Played {
    refused(stage, Side::Buy, 50_000, OrderKind::Market, &[RejectReason::InsufficientMargin])
}

fn duplicate_of_filled(stage: &mut Stage<'_>) -> Played {
    let order = stage.entry(Side::Buy, 20, OrderKind::Market);
    let id = stage.place(order);
    stage.hears(id, &[Filled(20, End::Whole)])?;
    let account = stage.first();
    stage.request_on(account, Request::Place(order), Interval(20_000));
    // Whether it is refused with a word is free: that nothing fills twice is not.
    stage.settle()?;
    only_once(stage, id, 1)
}

/// Nothing but refusals was said behind the first so many words that count.
fn only_once(stage: &mut Stage<'_>, id: OrderId, words: usize) -> Played {
    let said = stage.said_of(0, id);
    let counts = |report: &&Report| {
        !matches!(
            report,
            Report::Accepted { .. } | Report::Rejected { reason: RejectReason::DuplicateId, .. }
        )
    };
    let many = said.iter().filter(counts).count();
    if many == words { Ok(()) } else { Err(format!("{words} words count, and {said:?} was said")) }
}

fn duplicate_of_resting(stage: &mut Stage<'_>) -> Played {
    let kind = stage.limit(-FAR, GoodTillCancelled);
    let order = stage.entry(Side::Buy, 20, kind);
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    let account = stage.first();
    stage.request_on(account, Request::Place(order), Interval(20_000));
    stage.settle()?;
    only_once(stage, id, 0)?;
    stage.cancel(id);
    stage.until("its end", |stage| {
        matches!(stage.said_of(0, id).last(), Some(Report::Cancelled { reason: CancelReason::Requested, .. }))
    })?;
    stage.settle()?;
    only_once(stage, id, 1)
}

fn resting(stage: &mut Stage<'_>, away: i64) -> Result<OrderId, String> {
    let kind = stage.limit(away, GoodTillCancelled);
    let order = stage.entry(Side::Buy, 20, kind);
    let id = stage.place(order);
    stage.hears(id, &[Taken])?;
    Ok(id)
}

fn cancel_resting(stage: &mut Stage<'_>) -> Played {
    let id = resting(stage, -100)?;
    stage.cancel(id);
    stage.hears(id, &[Taken, Gone(&[CancelReason::Requested])])?;
    stage.go(-200);
    stage.settle()
}

fn cancel_filled(stage: &mut Stage<'_>) -> Played {
    let order = stage.entry(Side::Buy, 20, OrderKind::Market);
    let id = stage.place(order);
    stage.hears(id, &[Filled(20, End::Whole)])?;
    stage.cancel(id);
    stage.hears(id, &[Filled(20, End::Whole), Refused(&[RejectReason::UnknownOrder])])
}

fn cancel_unknown(stage: &mut Stage<'_>) -> Played {
    let id = stage.entry(Side::Buy, 20, OrderKind::Market).id;
    stage.cancel(id);
    stage.hears(id, &[Refused(&[RejectReason::UnknownOrder])])
}

fn amend_limit(stage: &mut Stage<'_>) -> Played {
    let id = resting(stage, -100)?;
    let to = stage.at(-300);
    stage.amend(id, to);
    stage.hears(id, &[Taken, Moved(to)])?;
    stage.settle()?;
    stage.go(-200);
    stage.settle()?;
    stage.hears(id, &[Taken, Moved(to)])?;
    stage.go(-200);
    stage.hears(id, &[Taken, Moved(to), Filled(20, End::Whole)])?;
    is_maker(stage, id, to)
}

fn amend_unknown(stage: &mut Stage<'_>) -> Played {
    let id = stage.entry(Side::Buy, 20, OrderKind::Market).id;
    let to = stage.at(-100);
    stage.amend(id, to);
    stage.hears(id, &[Refused(&[RejectReason::UnknownOrder])])
}

fn amend_into_market(stage: &mut Stage<'_>) -> Played {
    let id = resting(stage, -100)?;
    let to = stage.at(50);
    stage.amend(id, to);
    stage.until("an answer", |stage| stage.said_of(0, id).len() > 1)?;
    if matches!(stage.said_of(0, id).last(), Some(Report::Rejected { .. })) {
        stage.hears(id, &[Taken, Refused(&[RejectReason::WouldTake])])?;
        stage.settle()?;
        stage.go(-150);
        return stage.hears(id, &[Taken, Refused(&[]), Filled(20, End::Whole)]);
    }
    stage.hears(id, &[Taken, Moved(to), Filled(20, End::Whole)])
}

fn late(stage: &mut Stage<'_>) -> Played {
    let order = stage.entry(Side::Buy, 20, OrderKind::Market);
    let account = stage.first();
    stage.request_on(account, Request::Place(order), Interval(-1));
    stage.settle()?;
    if stage.books[0].heard.is_empty() { Ok(()) } else { Err("something was said of it".to_owned()) }
}

fn reduce_nothing(stage: &mut Stage<'_>) -> Played {
    let order = stage.exit(Side::Sell, 20, OrderKind::Market);
    let id = stage.place(order);
    stage.hears(id, &[Refused(&[RejectReason::NothingToReduce])])
}

fn open(stage: &mut Stage<'_>, side: Side, lots: i64) -> Played {
    let order = stage.entry(side, lots, OrderKind::Market);
    let id = stage.place(order);
    stage.hears(id, &[Filled(lots * side.sign(), End::Whole)])
}

fn reduce_part(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Buy, 20)?;
    stage.go(80);
    let order = stage.exit(Side::Sell, 8, OrderKind::Market);
    let id = stage.place(order);
    stage.hears(id, &[Filled(-8, End::Whole)])?;
    holds(stage, Side::Buy, 12)
}

fn holds(stage: &Stage<'_>, side: Side, lots: i64) -> Played {
    let held = stage.held(stage.line(side));
    if held == lots { Ok(()) } else { Err(format!("{held} lots are held, not {lots}")) }
}

fn reduce_more(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Sell, 20)?;
    let order = stage.exit(Side::Buy, 50, OrderKind::Market);
    let id = stage.place(order);
    stage.until("its fill", |stage| stage.fill(id).is_ok())?;
    stage.settle()?;
    let fill = stage.fill(id)?;
    // That it is over may be told with the fill or behind it.
    let ended =
        fill.remaining.0 == 0 || matches!(stage.said_of(0, id).last(), Some(Report::Cancelled { .. }));
    if fill.qty != Qty(20) || !ended {
        return Err(format!("not the end of it: {:?}", stage.said_of(0, id)));
    }
    holds(stage, Side::Sell, 0)
}

fn other_side(stage: &mut Stage<'_>) -> Played {
    open(stage, Side::Buy, 20)?;
    open(stage, Side::Sell, 30)?;
    if stage.is_hedge() {
        holds(stage, Side::Buy, 20)?;
        holds(stage, Side::Sell, -30)
    } else {
        holds(stage, Side::Buy, -10)
    }
}

fn wrong_line(stage: &mut Stage<'_>) -> Played {
    let position_side = if stage.is_hedge() { PositionSide::Net } else { PositionSide::Long };
    let order = OrderRequest { position_side, ..stage.entry(Side::Buy, 20, OrderKind::Market) };
    let id = stage.place(order);
    stage.hears(id, &[Refused(&[RejectReason::WrongPositionSide])])
}

fn several(stage: &mut Stage<'_>) -> Played {
    let orders = [1_i64, 2, 3, 4].map(|lots| stage.entry(Side::Buy, lots, OrderKind::Market));
    let ids = orders.map(|order| stage.place(order));
    for (id, lots) in ids.into_iter().zip(1..) {
        stage.hears(id, &[Filled(lots, End::Whole)])?;
    }
    debug_assert!(ids.iter().all(|id| id.leg == Leg::Own), "entries are orders of their own");
    holds(stage, Side::Buy, 10)
}
