//! What a venue can be asked to do. Venues take plain requests from anybody; inside the farm only `risk` can make
//! a request leave, by wrapping it into its `Approved`.

use crate::{Interval, Leg, OrderId, Price, Qty};

/// Direction of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Side {
    /// Adds to a long, reduces a short.
    Buy,
    /// Adds to a short, reduces a long.
    Sell,
}

impl Side {
    /// +1 for buy, -1 for sell.
    #[inline]
    pub const fn sign(self) -> i64 {
        match self {
            Side::Buy => 1,
            Side::Sell => -1,
        }
    }

    /// The other one.
    pub const fn opposite(self) -> Side {
        match self {
            Side::Buy => Side::Sell,
            Side::Sell => Side::Buy,
        }
    }

    /// The side that makes a quantity of this sign; a zero quantity has none.
    pub const fn of(qty: Qty) -> Option<Side> {
        match qty.0 {
            0 => None,
            1.. => Some(Side::Buy),
            _ => Some(Side::Sell),
        }
    }
}

/// Which position an order touches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PositionSide {
    /// The only one there is in one-way mode.
    Net,
    /// The long position of hedge mode.
    Long,
    /// The short position of hedge mode.
    Short,
}

/// Whether an account holds one net position per symbol or a long and a short beside each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PositionMode {
    /// One net position.
    OneWay,
    /// Long and short at once.
    Hedge,
}

impl PositionMode {
    /// Which position an order of this side opens.
    pub const fn opened_by(self, side: Side) -> PositionSide {
        match (self, side) {
            (PositionMode::OneWay, _) => PositionSide::Net,
            (PositionMode::Hedge, Side::Buy) => PositionSide::Long,
            (PositionMode::Hedge, Side::Sell) => PositionSide::Short,
        }
    }
}

/// What backs a position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MarginMode {
    /// The whole account.
    Cross,
    /// Only the margin set aside for it.
    Isolated,
}

/// How long a limit order lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeInForce {
    /// Until filled or cancelled.
    GoodTillCancelled,
    /// Like the above, but refused if it would take.
    PostOnly,
    /// What is there at once, the rest cancelled.
    ImmediateOrCancel,
    /// All at once or nothing.
    FillOrKill,
}

impl TimeInForce {
    /// The words of it.
    pub const fn name(self) -> &'static str {
        match self {
            TimeInForce::GoodTillCancelled => "until cancelled",
            TimeInForce::PostOnly => "post-only",
            TimeInForce::ImmediateOrCancel => "immediate or cancel",
            TimeInForce::FillOrKill => "fill or kill",
        }
    }
}

/// The kind of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum OrderKind {
    /// Takes what is there.
    Market,
    /// Never worse than `price`.
    Limit {
        /// Worst price.
        price: Price,
        /// How long it lives.
        tif: TimeInForce,
    },
    /// A market order once the price has moved against the position to `trigger` (buy above, sell below).
    StopMarket {
        /// Level that sets it off.
        trigger: Price,
    },
    /// A limit order once the price has moved to `trigger`.
    StopLimit {
        /// Level that sets it off.
        trigger: Price,
        /// Worst price.
        price: Price,
    },
    /// A market order once the price has moved in favour of the position to `trigger` (sell above, buy below).
    TakeProfit {
        /// Level that sets it off.
        trigger: Price,
    },
    /// A stop that follows the best price at a distance once `activation` was reached (at once if `None`).
    TrailingStop {
        /// Level from which it follows.
        activation: Option<Price>,
        /// How far behind the best price, in ticks; positive.
        distance: Price,
    },
}

/// The longest take-profit ladder.
pub const TARGETS_MAX: usize = 4;

/// A rung of a take-profit ladder: a reduce-only limit order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Target {
    /// Where.
    pub price: Price,
    /// How much of the entry, unsigned.
    pub qty: Qty,
}

/// The exits that rest at the venue from the instant an entry fills; one cancels the other as the position shrinks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Bracket {
    /// Trigger of the protective stop-market over the whole position.
    pub stop: Price,
    /// Take-profit ladder; rungs with a zero quantity are absent and come last.
    pub targets: [Target; TARGETS_MAX],
}

impl Bracket {
    /// The rungs that exist.
    pub fn targets(&self) -> impl Iterator<Item = (u8, Target)> + '_ {
        (0_u8..).zip(self.targets.iter().copied()).filter(|(_, target)| target.qty.0 > 0)
    }
}

/// A new order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OrderRequest {
    /// Client id; a second request with the same one is rejected.
    pub id: OrderId,
    /// Buy or sell.
    pub side: Side,
    /// Which position it touches.
    pub position_side: PositionSide,
    /// How much, unsigned, in lots.
    pub qty: Qty,
    /// How.
    pub kind: OrderKind,
    /// Can only shrink a position; clipped to it.
    pub reduce_only: bool,
    /// Exits to rest with it.
    pub bracket: Option<Bracket>,
    /// Orders of one account with the same group: the first fill of one cancels the others.
    pub one_cancels_other: Option<u32>,
}

impl OrderRequest {
    /// The orders that wait for it: the stop of its bracket over all of it, and the rungs of its ladder.
    pub fn legs(&self) -> impl Iterator<Item = OrderRequest> + '_ {
        let leg = |leg, qty, kind| OrderRequest {
            id: self.id.with_leg(leg),
            side: self.side.opposite(),
            qty,
            kind,
            reduce_only: true,
            bracket: None,
            ..*self
        };
        self.bracket.iter().flat_map(move |bracket| {
            let stop = leg(Leg::Stop, self.qty, OrderKind::StopMarket { trigger: bracket.stop });
            let rungs = bracket.targets().map(move |(rung, Target { price, qty })| {
                let tif = TimeInForce::GoodTillCancelled;
                leg(Leg::Target(rung), qty, OrderKind::Limit { price, tif })
            });
            std::iter::once(stop).chain(rungs)
        })
    }
}

/// Anything a venue account can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Request {
    /// Place an order.
    Place(OrderRequest),
    /// Cancel an order or one leg of a bracket.
    Cancel(OrderId),
    /// Move the trigger or limit price of a resting order (a bracket's stop, say) without a gap in protection.
    Amend {
        /// Which.
        id: OrderId,
        /// Its new trigger (stops, take-profits) or price (limits).
        price: Price,
    },
}

/// The account-level settings of a venue, set by the operator and never switched by a bot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AccountMode {
    /// Net or hedge.
    pub position: PositionMode,
    /// Cross or isolated.
    pub margin: MarginMode,
    /// Leverage of the symbol.
    pub leverage: u16,
}

/// How long a request may stay valid.
pub const REQUEST_VALIDITY: Interval = Interval(5_000);
