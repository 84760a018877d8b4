//! Taking orders back, wherever they rest.
//!
//! A trigger is invisible to the endpoints of plain orders, so it has to be said where the order rests. Refuses to
//! cancel the preset stop of an entry alone: it has no existence of its own yet.

use super::body::{self, Body};
use super::{Handle, MARGIN_COIN, PRODUCT, Place, Resting, Terms, Unsendable};
use crate::http::{Endpoint, HttpRequest, Lane};
use crate::wire::Generation;

const CANCEL_V2: Endpoint = Endpoint::change("/api/v2/mix/order/cancel-order", 10);
const CANCEL_PLAN_V2: Endpoint = Endpoint::change("/api/v2/mix/order/cancel-plan-order", 10);
const CANCEL_BATCH_V2: Endpoint = Endpoint::change("/api/v2/mix/order/batch-cancel-orders", 10);
const CANCEL_V3: Endpoint = Endpoint::change("/api/v3/trade/cancel-order", 10);
const CANCEL_STRATEGY_V3: Endpoint = Endpoint::change("/api/v3/trade/cancel-strategy-order", 10);
const CANCEL_BATCH_V3: Endpoint = Endpoint::change("/api/v3/trade/cancel-batch", 5);

/// How many orders one call cancels, in both generations.
pub const CANCELS_MAX: usize = 20;

impl Terms<'_> {
    /// A body with the one id the exchange needs; its own wins where it is known.
    pub(super) fn named(&self, body: Body, handle: Handle<'_>) -> Body {
        match handle {
            Handle::Exchange(id) => body.with("orderId", id),
            Handle::Client(sent) => body.with("clientOid", &self.prefix.client_id_of(sent)),
        }
    }

    /// Symbol and product, as V2 wants them with every id.
    pub(super) fn on_symbol(&self) -> Body {
        Body::new().with("symbol", self.symbol()).with("productType", PRODUCT).with("marginCoin", MARGIN_COIN)
    }

    /// Several orders of the book at once, at most `CANCELS_MAX`.
    pub fn cancel_all(&self, handles: &[Handle<'_>]) -> HttpRequest {
        assert!((1..=CANCELS_MAX).contains(&handles.len()), "a batch is neither empty nor too long");
        let named = |start: Body| handles.iter().map(|handle| self.named(start.clone(), *handle)).collect();
        match self.generation {
            Generation::V2 => {
                let body = self.on_symbol().with_list("orderIdList", named(Body::new()));
                CANCEL_BATCH_V2.tell(body.finish(), Lane::Protect)
            }
            Generation::V3 => {
                let each = named(Body::new().with("category", PRODUCT).with("symbol", self.symbol()));
                CANCEL_BATCH_V3.tell(body::list(each), Lane::Protect)
            }
        }
    }
}

/// One order.
pub fn cancel(terms: &Terms<'_>, resting: &Resting<'_>) -> Result<HttpRequest, Unsendable> {
    let plan_type = match resting.place {
        Place::Book => None,
        Place::Trigger { .. } => Some("normal_plan"),
        Place::PositionStop => Some("profit_loss"),
        Place::Preset => return Err(Unsendable::NoPresetCancel),
    };
    Ok(match (terms.generation, plan_type) {
        (Generation::V2, None) => {
            CANCEL_V2.tell(terms.named(terms.on_symbol(), resting.handle).finish(), Lane::Protect)
        }
        (Generation::V2, Some(plan_type)) => {
            let ids = vec![terms.named(Body::new(), resting.handle)];
            let body = terms.on_symbol().with("planType", plan_type).with_list("orderIdList", ids);
            CANCEL_PLAN_V2.tell(body.finish(), Lane::Protect)
        }
        (Generation::V3, plan_type) => {
            let endpoint = if plan_type.is_none() { CANCEL_V3 } else { CANCEL_STRATEGY_V3 };
            endpoint.tell(terms.named(Body::new(), resting.handle).finish(), Lane::Protect)
        }
    })
}
