//! Orders at rest: what each waits for, and at which price on which way it is reached.
//!
//! Only looks at prices; fills, triggers and money are the walk's.

use crate::Direction;
use model::{Bracket, OrderId, OrderKind, PositionSide, Price, Qty, Side, StateHash, Usd};

/// What an order at rest waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RestingKind {
    /// A market or triggered order that waits for volume: it fills at the next opens.
    Market,
    /// A trade strictly through the price.
    Limit {
        /// Where it fills.
        price: Price,
    },
    /// A touch of the trigger, then the market.
    Stop {
        /// Level that sets it off.
        trigger: Price,
    },
    /// A touch of the trigger, then a limit order.
    StopLimit {
        /// Level that sets it off.
        trigger: Price,
        /// Worst price.
        price: Price,
    },
    /// A trade strictly through the trigger, then the market.
    TakeProfit {
        /// Level that sets it off.
        trigger: Price,
    },
    /// A touch of the level that follows the best price.
    Trailing {
        /// Level from which it follows.
        activation: Price,
        /// How far behind the best price.
        distance: Price,
        /// Best price since activation; `None` before it.
        watermark: Option<Price>,
    },
}

/// What an order is to the decision it belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Asked for by itself.
    Own,
    /// The stop of a bracket.
    BracketStop,
    /// A rung of a bracket's ladder.
    BracketTarget,
}

/// Which part of the current bar an order has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Since {
    /// All of it.
    Open,
    /// It arrived inside the bar: only the close proves a trade through it.
    Late,
    /// It was triggered inside the bar and would take: only the close proves a fill.
    Triggered,
    /// It exits an entry filled inside the bar: in this bar nothing good happens to it.
    Next,
}

/// How an order's level has to be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    /// Reached is enough.
    Touched,
    /// The price has to trade strictly beyond.
    Through,
}

/// An order at rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RestingOrder {
    /// Client id.
    pub id: OrderId,
    /// Buy or sell.
    pub side: Side,
    /// Which position it touches.
    pub position_side: PositionSide,
    /// What is left of it, unsigned.
    pub remaining: Qty,
    /// What it waits for.
    pub kind: RestingKind,
    /// Can only shrink a position.
    pub reduce_only: bool,
    /// Its part in a bracket.
    pub role: Role,
    /// One-cancels-other group.
    pub group: Option<u32>,
    /// Money held back for it.
    pub frozen: Usd,
    /// Exits that rest as soon as it fills.
    pub bracket: Option<Bracket>,
    /// What it has opened so far, unsigned.
    pub(crate) opened: Qty,
    pub(crate) since: Since,
}

impl RestingKind {
    /// What an accepted order waits for; a trailing stop without activation follows from `arrival` on.
    pub(crate) fn of(kind: OrderKind, side: Side, arrival: Price) -> RestingKind {
        match kind {
            OrderKind::Market => RestingKind::Market,
            OrderKind::Limit { price, .. } => RestingKind::Limit { price },
            OrderKind::StopMarket { trigger } => RestingKind::Stop { trigger },
            OrderKind::StopLimit { trigger, price } => RestingKind::StopLimit { trigger, price },
            OrderKind::TakeProfit { trigger } => RestingKind::TakeProfit { trigger },
            OrderKind::TrailingStop { activation, distance } => {
                let activation = activation.unwrap_or(arrival);
                let reached = (arrival.0 - activation.0) * side.sign() <= 0;
                RestingKind::Trailing { activation, distance, watermark: reached.then_some(arrival) }
            }
        }
    }
}

impl RestingOrder {
    /// Whether this order belongs to the same decision as `id`: of the same bot, for bots that share an account count
    /// their decisions alike.
    pub(crate) fn same_decision(&self, id: OrderId) -> bool {
        self.id.with_leg(id.leg) == id
    }

    /// Whether a fill of `filled` ends this order as its one-cancels-other partner. Groups are numbered by each bot
    /// for itself.
    pub(crate) fn is_partner_of(&self, filled: &RestingOrder) -> bool {
        filled.group.is_some()
            && self.group == filled.group
            && self.id.bot == filled.id.bot
            && self.id != filled.id
    }

    /// The way the price has to go to set off this order, the level, and how it has to be met. `None` if no level
    /// on any way does.
    pub(crate) fn level(&self) -> Option<(Direction, Price, Met)> {
        let (along, against) = match self.side {
            Side::Buy => (Direction::Up, Direction::Down),
            Side::Sell => (Direction::Down, Direction::Up),
        };
        match self.kind {
            RestingKind::Market => None,
            RestingKind::Limit { price } => Some((against, price, Met::Through)),
            RestingKind::TakeProfit { trigger } => Some((against, trigger, Met::Through)),
            RestingKind::Stop { trigger } | RestingKind::StopLimit { trigger, .. } => {
                Some((along, trigger, Met::Touched))
            }
            RestingKind::Trailing { distance, watermark, .. } => {
                let level = watermark?.0 + self.side.sign() * distance.0;
                (level > 0).then_some((along, Price(level), Met::Touched))
            }
        }
    }

    /// The level this order is met at when the price goes in `direction` as far as `bound`.
    pub(crate) fn met(&self, direction: Direction, bound: Price) -> Option<(Price, Met)> {
        let (way, level, met) = self.level()?;
        if way != direction {
            return None;
        }
        let beyond = (bound.0 - level.0) * direction.sign();
        let hit = match met {
            Met::Touched => beyond >= 0,
            Met::Through => beyond > 0 && self.since == Since::Open,
        };
        hit.then_some((level, met))
    }

    /// Adds the order to a state hash.
    pub(crate) fn hash(&self, hash: &mut StateHash) {
        hash.word(self.id.word());
        hash.int(self.side.sign() * self.remaining.0);
        hash.int(self.opened.0);
        hash.int(self.frozen.0);
        let (kind, first, second) = match self.kind {
            RestingKind::Market => (0, 0, 0),
            RestingKind::Limit { price } => (1, price.0, 0),
            RestingKind::Stop { trigger } => (2, trigger.0, 0),
            RestingKind::StopLimit { trigger, price } => (3, trigger.0, price.0),
            RestingKind::TakeProfit { trigger } => (4, trigger.0, 0),
            RestingKind::Trailing { activation, watermark, .. } => {
                (5, activation.0, watermark.map_or(0, |mark| mark.0))
            }
        };
        hash.word(kind);
        hash.int(first);
        hash.int(second);
    }

    /// Lets a trailing stop see a price: activates it or moves its best price.
    pub(crate) fn follow(&mut self, best: Price) {
        let sign = self.side.sign();
        if let RestingKind::Trailing { activation, watermark, .. } = &mut self.kind {
            match watermark {
                Some(mark) if (best.0 - mark.0) * sign < 0 => *mark = best,
                None if (best.0 - activation.0) * sign <= 0 => *watermark = Some(best),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{BotId, Leg};

    fn order(side: Side, kind: RestingKind) -> RestingOrder {
        RestingOrder {
            id: OrderId { bot: BotId(1), epoch: 0, decision: 1, leg: Leg::Own },
            side,
            position_side: PositionSide::Net,
            remaining: Qty(1),
            kind,
            reduce_only: false,
            role: Role::Own,
            group: None,
            frozen: Usd::ZERO,
            bracket: None,
            opened: Qty::ZERO,
            since: Since::Open,
        }
    }

    #[test]
    fn a_limit_needs_a_trade_through_and_a_stop_a_touch() {
        let limit = order(Side::Buy, RestingKind::Limit { price: Price(95) });
        assert_eq!(limit.met(Direction::Down, Price(95)), None);
        assert_eq!(limit.met(Direction::Down, Price(94)), Some((Price(95), Met::Through)));
        assert_eq!(limit.met(Direction::Up, Price(200)), None);
        let stop = order(Side::Sell, RestingKind::Stop { trigger: Price(95) });
        assert_eq!(stop.met(Direction::Down, Price(95)), Some((Price(95), Met::Touched)));
        assert_eq!(stop.met(Direction::Down, Price(96)), None);
    }

    #[test]
    fn a_decision_is_one_bots() {
        let mut stop = order(Side::Sell, RestingKind::Stop { trigger: Price(95) });
        let own = stop.id;
        stop.id = own.with_leg(Leg::Stop);
        assert!(stop.same_decision(own));
        assert!(!stop.same_decision(OrderId { bot: BotId(2), ..own }));
        assert!(!stop.same_decision(OrderId { epoch: 1, ..own }));
        assert!(!stop.same_decision(OrderId { decision: 2, ..own }));
    }

    #[test]
    fn a_group_is_one_bots() {
        let mut one = order(Side::Buy, RestingKind::Market);
        let mut other = RestingOrder { id: OrderId { decision: 2, ..one.id }, ..one };
        assert!(!other.is_partner_of(&one), "no group, no partner");
        (one.group, other.group) = (Some(7), Some(7));
        assert!(other.is_partner_of(&one) && !one.is_partner_of(&one));
        other.id.bot = BotId(2);
        assert!(!other.is_partner_of(&one));
    }

    #[test]
    fn a_trailing_stop_follows_only_forward_and_only_when_active() {
        let kind = RestingKind::Trailing { activation: Price(110), distance: Price(4), watermark: None };
        let mut stop = order(Side::Sell, kind);
        stop.follow(Price(109));
        assert_eq!(stop.level(), None);
        stop.follow(Price(111));
        stop.follow(Price(105));
        assert_eq!(stop.level(), Some((Direction::Down, Price(107), Met::Touched)));
        stop.follow(Price(120));
        assert_eq!(stop.level(), Some((Direction::Down, Price(116), Met::Touched)));
    }
}
