//! A stop for a position that has none: what is done when reconciliation finds one naked.
//!
//! It covers the whole position whatever its size becomes, and carries our own id, unlike the preset of an entry.
//! Refuses to work out where the stop belongs: that is the farm's.

use super::body::Body;
use super::direction::position_word;
use super::{MARGIN_COIN, PRODUCT, Terms, Unsendable};
use crate::http::{Endpoint, HttpRequest, Lane};
use crate::wire::Generation;
use model::{OrderId, PositionMode, PositionSide, Price, RejectReason, Side};

const TPSL_V2: Endpoint = Endpoint::change("/api/v2/mix/order/place-tpsl-order", 10);
const STRATEGY_V3: Endpoint = Endpoint::change("/api/v3/trade/place-strategy-order", 10);

/// The stop of a whole position; `held` is the side that opened it.
pub fn protect(
    terms: &Terms<'_>,
    id: OrderId,
    position_side: PositionSide,
    held: Side,
    stop: Price,
) -> Result<HttpRequest, Unsendable> {
    let price = terms.price(stop)?;
    let id = terms.prefix.client_id(id);
    let fits = match position_side {
        PositionSide::Net => terms.mode.position == PositionMode::OneWay,
        PositionSide::Long => terms.mode.position == PositionMode::Hedge && held == Side::Buy,
        PositionSide::Short => terms.mode.position == PositionMode::Hedge && held == Side::Sell,
    };
    if !fits {
        return Err(Unsendable::Refused(RejectReason::WrongPositionSide));
    }
    let body = match terms.generation {
        Generation::V2 => {
            // One-way mode names the position by the side that opened it.
            let one_way = if held == Side::Buy { "buy" } else { "sell" };
            let body = Body::new()
                .with("marginCoin", MARGIN_COIN)
                .with("productType", PRODUCT)
                .with("symbol", terms.symbol())
                .with("planType", "pos_loss")
                .with("triggerPrice", &price)
                .with("triggerType", terms.trigger_word())
                .with("holdSide", position_word(position_side).unwrap_or(one_way));
            return Ok(TPSL_V2.tell(body.with("clientOid", &id).finish(), Lane::Protect));
        }
        Generation::V3 => Body::new()
            .with("category", PRODUCT)
            .with("symbol", terms.symbol())
            .with("type", "tpsl")
            .with("tpslMode", "full")
            .with_some("posSide", position_word(position_side)),
    };
    let body = body
        .with("stopLoss", &price)
        .with("slTriggerBy", terms.trigger_word())
        .with("slOrderType", "market")
        .with("clientOid", &id);
    Ok(STRATEGY_V3.tell(body.finish(), Lane::Protect))
}
