//! What an account has, asked beside the wire: for tests that hold a client's books against it.
//!
//! Refuses to change anything.

use crate::exchange::Exchange;
use crate::records::{LegKind, PlanKind};
use crate::user::line;
use model::{PositionSide, Qty, Usd};

impl Exchange {
    /// Lines that keep step with the market.
    pub fn joined(&self) -> usize {
        self.sessions.values().filter(|session| session.acknowledged().is_some()).count()
    }

    /// All realised money of an account.
    pub fn wallet_of(&self, uid: &str) -> Option<Usd> {
        Some(self.wallet(self.user_of(uid)?))
    }

    /// What it holds of a symbol: the net or the long position, and the short one.
    pub fn held_of(&self, uid: &str, symbol: &str) -> Option<[Qty; 2]> {
        let (user, symbol) = (self.user_of(uid)?, self.symbol_of(symbol)?);
        Some(self.users[user].holdings[symbol].map(|holding| holding.position.qty))
    }

    /// Whether a position of it stands without a trigger that would close it at a loss.
    pub fn is_naked(&self, uid: &str, symbol: &str) -> Option<bool> {
        let (user, symbol) = (self.user_of(uid)?, self.symbol_of(symbol)?);
        let user = &self.users[user];
        let sides = [PositionSide::Long, PositionSide::Short];
        let stands = |side: PositionSide| {
            let held = user.holdings[symbol][line(side)].position.qty;
            let closes = |plan: &&crate::records::Plan| {
                let stops =
                    plan.leg(LegKind::Stop).is_some() || plan.kind == PlanKind::Normal && plan.reduce_only;
                plan.symbol == symbol
                    && plan.is_open()
                    && stops
                    && line(plan.position_side) == line(side)
                    && plan.side.sign() * held.0.signum() < 0
            };
            held.0 != 0 && !user.plans.values().any(|plan| closes(&plan))
        };
        Some(sides.into_iter().any(stands))
    }

    /// The client ids of the orders and triggers it is known to have placed.
    pub fn clients_of(&self, uid: &str) -> Option<Vec<&str>> {
        let user = &self.users[self.user_of(uid)?];
        let orders = user.orders.values().map(|order| order.client.as_str());
        Some(orders.chain(user.plans.values().map(|plan| plan.client.as_str())).collect())
    }
}
