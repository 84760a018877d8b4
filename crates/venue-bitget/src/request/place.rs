//! New orders: in the book, behind a trigger, one or many at once, and the ladder of an entry that has filled.
//!
//! The stop of a bracket goes with the entry as its preset, so no position is ever without one; the ladder cannot (a
//! reduce-only order needs something to reduce), so it is placed as the entry fills. Refuses below the minima, where
//! Bitget would answer with a code.

use super::body::{self, Body};
use super::direction::Direction;
use super::{MARGIN_COIN, PRODUCT, Terms, Unsendable, lane};
use crate::http::{Endpoint, HttpRequest, Lane};
use crate::instrument::Status;
use crate::wire::Generation;
use model::{Leg, MarginMode, OrderKind, OrderRequest, Price, Qty, RejectReason, TimeInForce};

const PLACE_V2: Endpoint = Endpoint::change("/api/v2/mix/order/place-order", 10);
const BATCH_V2: Endpoint = Endpoint::change("/api/v2/mix/order/batch-place-order", 5);
const PLAN_V2: Endpoint = Endpoint::change("/api/v2/mix/order/place-plan-order", 10);
const PLACE_V3: Endpoint = Endpoint::change("/api/v3/trade/place-order", 10);
const BATCH_V3: Endpoint = Endpoint::change("/api/v3/trade/place-batch", 5);
const STRATEGY_V3: Endpoint = Endpoint::change("/api/v3/trade/place-strategy-order", 10);

/// A trigger and what it becomes.
struct Trigger {
    at: Price,
    limit: Option<Price>,
}

/// One order.
pub fn place(terms: &Terms<'_>, order: &OrderRequest) -> Result<HttpRequest, Unsendable> {
    check(terms, order)?;
    let lane = lane(order.reduce_only);
    let trigger = match order.kind {
        OrderKind::Market | OrderKind::Limit { .. } => {
            let body = in_book(terms, order)?;
            return Ok(match terms.generation {
                Generation::V2 => PLACE_V2.tell(account(terms, body).finish(), lane),
                Generation::V3 => {
                    PLACE_V3.tell(Body::new().with("category", PRODUCT).then(body).finish(), lane)
                }
            });
        }
        OrderKind::StopMarket { trigger } | OrderKind::TakeProfit { trigger } => {
            Trigger { at: trigger, limit: None }
        }
        OrderKind::StopLimit { trigger, price } => Trigger { at: trigger, limit: Some(price) },
        OrderKind::TrailingStop { .. } => return Err(Unsendable::NoTrailing),
    };
    match terms.generation {
        Generation::V2 => Ok(PLAN_V2.tell(plan(terms, order, &trigger)?.finish(), lane)),
        Generation::V3 => Ok(STRATEGY_V3.tell(strategy(terms, order, &trigger)?.finish(), lane)),
    }
}

/// How many orders one call takes.
pub const fn batch_max(generation: Generation) -> usize {
    match generation {
        Generation::V2 => 50,
        Generation::V3 => 20,
    }
}

/// Several orders of the book in one call, at most `batch_max`. Each of them is accepted or refused by itself.
pub fn place_all(terms: &Terms<'_>, orders: &[OrderRequest]) -> Result<HttpRequest, Unsendable> {
    assert!(
        (1..=batch_max(terms.generation)).contains(&orders.len()),
        "a batch is neither empty nor too long"
    );
    let body = |order: &OrderRequest| {
        let in_the_book = matches!(order.kind, OrderKind::Market | OrderKind::Limit { .. });
        assert!(in_the_book, "a trigger order has an endpoint of its own, and no batch");
        check(terms, order).and_then(|()| in_book(terms, order))
    };
    let bodies = orders.iter().map(body).collect::<Result<Vec<_>, _>>()?;
    let lane = if orders.iter().all(|order| order.reduce_only) { Lane::Protect } else { Lane::Ordinary };
    Ok(match terms.generation {
        Generation::V2 => {
            BATCH_V2.tell(account(terms, Body::new()).with_list("orderList", bodies).finish(), lane)
        }
        Generation::V3 => {
            let whole = |body| Body::new().with("category", PRODUCT).then(body);
            BATCH_V3.tell(body::list(bodies.into_iter().map(whole).collect()), lane)
        }
    })
}

/// The ladder of an entry of which so much has opened: reduce-only limit orders, near rungs first. To be compared with
/// what rests: a rung grows while its entry fills.
pub fn rungs(entry: &OrderRequest, opened: Qty) -> Vec<OrderRequest> {
    let mut left = opened.0;
    let mut ladder = Vec::new();
    for (rung, target) in entry.bracket.iter().flat_map(|bracket| bracket.targets()) {
        let qty = Qty(target.qty.0.min(left));
        if qty.0 <= 0 {
            break;
        }
        left -= qty.0;
        ladder.push(OrderRequest {
            id: entry.id.with_leg(Leg::Target(rung)),
            side: entry.side.opposite(),
            position_side: entry.position_side,
            qty,
            kind: OrderKind::Limit { price: target.price, tif: TimeInForce::GoodTillCancelled },
            reduce_only: true,
            bracket: None,
            one_cancels_other: None,
        });
    }
    ladder
}

fn check(terms: &Terms<'_>, order: &OrderRequest) -> Result<(), Unsendable> {
    let refused = |reason| Err(Unsendable::Refused(reason));
    if order.one_cancels_other.is_some() {
        return Err(Unsendable::NoGroups);
    }
    let instrument = &terms.listing.instrument;
    if !order.reduce_only && terms.listing.status != Status::Normal {
        return Err(Unsendable::NotOpen);
    }
    // A remainder below the minimum can always be closed.
    let least = if order.reduce_only { Qty(1) } else { instrument.qty_min };
    if order.qty < least {
        return refused(RejectReason::QuantityTooSmall);
    }
    let most = match order.kind {
        OrderKind::Limit { .. } | OrderKind::StopLimit { .. } => terms.listing.limit_qty_max,
        _ => terms.listing.market_qty_max,
    };
    if most.is_some_and(|most| order.qty > most) {
        return refused(RejectReason::PositionTooLarge);
    }
    if order.bracket.is_some() && order.reduce_only {
        return refused(RejectReason::BadBracket);
    }
    if let OrderKind::Limit { price, .. } = order.kind
        && !order.reduce_only
        && instrument.notional(order.qty, price) < instrument.notional_min
    {
        return refused(RejectReason::NotionalTooSmall);
    }
    Ok(())
}

/// Symbol and account, as every V2 call wants them, and then the rest.
fn account(terms: &Terms<'_>, rest: Body) -> Body {
    Body::new()
        .with("symbol", terms.symbol())
        .with("productType", PRODUCT)
        .with("marginMode", margin_word(terms))
        .with("marginCoin", MARGIN_COIN)
        .then(rest)
}

fn margin_word(terms: &Terms<'_>) -> &'static str {
    match terms.mode.margin {
        MarginMode::Cross => "crossed",
        MarginMode::Isolated => "isolated",
    }
}

const fn force_word(tif: TimeInForce) -> &'static str {
    match tif {
        TimeInForce::GoodTillCancelled => "gtc",
        TimeInForce::PostOnly => "post_only",
        TimeInForce::ImmediateOrCancel => "ioc",
        TimeInForce::FillOrKill => "fok",
    }
}

/// An order of the book, without what is the same for a whole batch.
fn in_book(terms: &Terms<'_>, order: &OrderRequest) -> Result<Body, Unsendable> {
    let direction = Direction::of(terms, order)?;
    let qty = terms.qty(order.qty)?;
    let (kind, price, force) = match order.kind {
        OrderKind::Limit { price, tif } => ("limit", Some(terms.price(price)?), Some(force_word(tif))),
        _ => ("market", None, None),
    };
    let stop = order.bracket.map(|bracket| terms.price(bracket.stop)).transpose()?;
    let id = terms.prefix.client_id(order.id);
    match terms.generation {
        Generation::V2 => {
            let body = Body::new().with("size", &qty).with_some("price", price.as_deref());
            Ok(direction
                .put(body, "YES", "NO")
                .with("orderType", kind)
                .with_some("force", force)
                .with("clientOid", &id)
                .with_some("presetStopLossPrice", stop.as_deref()))
        }
        Generation::V3 => {
            let body = Body::new().with("symbol", terms.symbol()).with("qty", &qty);
            let body = body.with_some("price", price.as_deref());
            let isolated = (terms.mode.margin == MarginMode::Isolated).then_some(margin_word(terms));
            let body = direction
                .put(body, "yes", "no")
                .with("orderType", kind)
                .with_some("timeInForce", force)
                .with("clientOid", &id)
                .with_some("marginMode", isolated)
                .with_some("stopLoss", stop.as_deref());
            let by = stop.is_some().then_some(terms.trigger_word());
            Ok(body.with_some("slTriggerBy", by).with_some("slOrderType", by.map(|_| "market")))
        }
    }
}

fn plan(terms: &Terms<'_>, order: &OrderRequest, trigger: &Trigger) -> Result<Body, Unsendable> {
    let direction = Direction::of(terms, order)?;
    let limit = trigger.limit.map(|price| terms.price(price)).transpose()?;
    let stop = order.bracket.map(|bracket| terms.price(bracket.stop)).transpose()?;
    let body =
        account(terms, Body::new().with("planType", "normal_plan").with("size", &terms.qty(order.qty)?))
            .with_some("price", limit.as_deref())
            .with("triggerPrice", &terms.price(trigger.at)?)
            .with("triggerType", terms.trigger_word());
    Ok(direction
        .put(body, "yes", "no")
        .with("orderType", if limit.is_some() { "limit" } else { "market" })
        .with("clientOid", &terms.prefix.client_id(order.id))
        .with_some("stopLossTriggerPrice", stop.as_deref())
        .with_some("stopLossTriggerType", stop.as_ref().map(|_| terms.trigger_word())))
}

fn strategy(terms: &Terms<'_>, order: &OrderRequest, trigger: &Trigger) -> Result<Body, Unsendable> {
    if order.bracket.is_some() {
        return Err(Unsendable::NoBracketOnTrigger);
    }
    let limit = trigger.limit.map(|price| terms.price(price)).transpose()?;
    let body = Body::new()
        .with("category", PRODUCT)
        .with("symbol", terms.symbol())
        .with("type", "trigger")
        .with("qty", &terms.qty(order.qty)?);
    Ok(Direction::of(terms, order)?
        .put(body, "yes", "no")
        .with("triggerBy", terms.trigger_word())
        .with("triggerPrice", &terms.price(trigger.at)?)
        .with("triggerOrderType", if limit.is_some() { "limit" } else { "market" })
        .with_some("triggerOrderPrice", limit.as_deref())
        .with("clientOid", &terms.prefix.client_id(order.id)))
}
