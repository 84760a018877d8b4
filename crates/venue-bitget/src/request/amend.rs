//! Moving the price or trigger of an order that rests, without a gap in protection.
//!
//! V3 keeps the order; V2 cancels an order of the book and makes a new one under a new id, some time later, so its
//! revision goes up. A stop moves in place in both. Refuses what would leave a position without its stop meanwhile.

use super::body::Body;
use super::{MARGIN_COIN, PRODUCT, Place, Resting, Terms, Unsendable, lane};
use crate::http::{Endpoint, HttpRequest, Lane};
use crate::order_id::Sent;
use crate::wire::Generation;
use model::{Leg, OrderId, Price};

const MODIFY_V2: Endpoint = Endpoint::change("/api/v2/mix/order/modify-order", 10);
const MODIFY_PLAN_V2: Endpoint = Endpoint::change("/api/v2/mix/order/modify-plan-order", 10);
const MODIFY_TPSL_V2: Endpoint = Endpoint::change("/api/v2/mix/order/modify-tpsl-order", 10);
const MODIFY_V3: Endpoint = Endpoint::change("/api/v3/trade/modify-order", 10);
const MODIFY_STRATEGY_V3: Endpoint = Endpoint::change("/api/v3/trade/modify-strategy-order", 10);

/// The order under a new price or trigger.
pub fn amend(
    terms: &Terms<'_>,
    id: OrderId,
    resting: &Resting<'_>,
    price: Price,
) -> Result<HttpRequest, Unsendable> {
    let text = terms.price(price)?;
    match terms.generation {
        Generation::V2 => amend_v2(terms, id, resting, &text),
        Generation::V3 => amend_v3(terms, resting, &text),
    }
}

fn amend_v2(
    terms: &Terms<'_>,
    id: OrderId,
    resting: &Resting<'_>,
    price: &str,
) -> Result<HttpRequest, Unsendable> {
    match resting.place {
        Place::Book => {
            let body = terms
                .named(on_product(terms), resting.handle)
                .with("newClientOid", &next_id(terms, id, resting.revision)?)
                .with("newSize", &terms.qty(resting.qty)?)
                .with("newPrice", price);
            Ok(MODIFY_V2.tell(body.finish(), lane(resting.reduce_only)))
        }
        Place::Preset => {
            // Only the preset changes, so the order stays; a new id is wanted all the same.
            let body = terms
                .named(on_product(terms), resting.handle)
                .with("newClientOid", &next_id(terms, id.with_leg(Leg::Own), resting.revision)?)
                .with("newPresetStopLossPrice", price);
            Ok(MODIFY_V2.tell(body.finish(), Lane::Protect))
        }
        Place::Trigger { limit } => {
            let limit = limit.map(|limit| terms.price(limit)).transpose()?;
            let body = terms
                .named(Body::new().with("productType", PRODUCT), resting.handle)
                .with("newSize", &terms.qty(resting.qty)?)
                .with_some("newPrice", limit.as_deref())
                .with("newTriggerPrice", price)
                .with("newTriggerType", terms.trigger_word());
            Ok(MODIFY_PLAN_V2.tell(body.finish(), lane(resting.reduce_only)))
        }
        Place::PositionStop => {
            let body = Body::new()
                .with("marginCoin", MARGIN_COIN)
                .with("productType", PRODUCT)
                .with("symbol", terms.symbol());
            // An empty size means the whole position.
            let body = terms
                .named(body, resting.handle)
                .with("triggerPrice", price)
                .with("triggerType", terms.trigger_word())
                .with("size", "");
            Ok(MODIFY_TPSL_V2.tell(body.finish(), Lane::Protect))
        }
    }
}

fn amend_v3(terms: &Terms<'_>, resting: &Resting<'_>, price: &str) -> Result<HttpRequest, Unsendable> {
    let named = terms.named(Body::new(), resting.handle);
    match resting.place {
        Place::Book => {
            // A refused amendment must not take the order away.
            let body = named.with("price", price).with("autoCancel", "no");
            Ok(MODIFY_V3.tell(body.finish(), lane(resting.reduce_only)))
        }
        Place::Preset => Err(Unsendable::NoPresetAmend),
        Place::Trigger { limit } => {
            let limit = limit.map(|limit| terms.price(limit)).transpose()?;
            let body = named
                .with("qty", &terms.qty(resting.qty)?)
                .with("triggerBy", terms.trigger_word())
                .with("triggerPrice", price)
                .with("triggerOrderType", if limit.is_some() { "limit" } else { "market" })
                .with_some("triggerOrderPrice", limit.as_deref());
            Ok(MODIFY_STRATEGY_V3.tell(body.finish(), lane(resting.reduce_only)))
        }
        Place::PositionStop => {
            let body = named
                .with("stopLoss", price)
                .with("slTriggerBy", terms.trigger_word())
                .with("slOrderType", "market");
            Ok(MODIFY_STRATEGY_V3.tell(body.finish(), Lane::Protect))
        }
    }
}

fn on_product(terms: &Terms<'_>) -> Body {
    Body::new().with("symbol", terms.symbol()).with("productType", PRODUCT)
}

fn next_id(terms: &Terms<'_>, order: OrderId, revision: u16) -> Result<String, Unsendable> {
    let revision = revision.checked_add(1).ok_or(Unsendable::TooManyRevisions)?;
    Ok(terms.prefix.client_id_of(Sent { order, revision }))
}
