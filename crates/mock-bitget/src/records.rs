//! What an account remembers: orders, triggers, fills, bills, positions and what they came to.
//!
//! Everything in the engine's integers and real directions; which words and signs it is told with is the dialects'.
//! Refuses to compute: a record is written where something happened.

use model::{
    Liquidity, MarginMode, OrderId, Position, PositionMode, PositionSide, Price, Qty, Side, Time,
    TimeInForce, Usd,
};

/// How an order of the book is filled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Market,
    Limit { price: Price, tif: TimeInForce },
}

/// How far an order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Live,
    PartlyFilled,
    Filled,
    /// With the exchange's word for why.
    Cancelled(&'static str),
}

/// Exits that an entry brings along.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Preset {
    pub(crate) stop: Option<Price>,
    pub(crate) target: Option<Price>,
}

/// Who made a fill happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    /// Somebody's order.
    Order,
    Liquidation,
    Deleveraging,
}

/// An order of the book.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order {
    pub(crate) id: u64,
    pub(crate) client: String,
    pub(crate) symbol: usize,
    /// The real one.
    pub(crate) side: Side,
    pub(crate) position_side: PositionSide,
    pub(crate) reduce_only: bool,
    pub(crate) kind: Kind,
    pub(crate) qty: Qty,
    pub(crate) filled: Qty,
    /// Tick-lots of what was filled.
    pub(crate) cost: i128,
    /// Paid.
    pub(crate) fee: Usd,
    pub(crate) profit: Usd,
    pub(crate) status: Status,
    pub(crate) preset: Preset,
    /// `normal`, or what set it off.
    pub(crate) source: &'static str,
    pub(crate) cause: Cause,
    pub(crate) position_mode: PositionMode,
    pub(crate) margin: MarginMode,
    pub(crate) leverage: u16,
    pub(crate) created: Time,
    pub(crate) updated: Time,
    /// In the engine.
    pub(crate) engine: OrderId,
}

impl Order {
    pub(crate) fn is_open(&self) -> bool {
        matches!(self.status, Status::Live | Status::PartlyFilled)
    }

    pub(crate) fn left(&self) -> Qty {
        self.qty - self.filled
    }
}

/// What a trigger order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanKind {
    /// Free: opens or closes.
    Normal,
    /// Follows at a ratio, in hundredths of a percent.
    Track { ratio: i64 },
    /// The stop of a part of a position.
    Loss,
    /// The target of a part of a position.
    Profit,
    /// The stop of a whole position.
    PositionLoss,
    /// The target of a whole position.
    PositionProfit,
    /// A trailing stop of a part of a position.
    Moving { ratio: i64 },
    /// Stop, target or both of a V3 position.
    Exits,
}

/// Which price a trigger order was asked to look at; the engine looks at the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TriggerBy {
    LastPrice,
    MarkPrice,
}

/// Which of the two a position is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hold {
    Long,
    Short,
}

impl Hold {
    /// Of what is held, signed.
    pub(crate) const fn of(held: Qty) -> Hold {
        if held.0 > 0 { Hold::Long } else { Hold::Short }
    }

    /// As it is written everywhere.
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Hold::Long => "long",
            Hold::Short => "short",
        }
    }
}

/// How far a trigger order is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanStatus {
    Live,
    Executed,
    Cancelled,
}

/// What a leg of a trigger order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LegKind {
    Stop,
    Target,
    Free,
}

/// One level of a trigger order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PlanLeg {
    pub(crate) kind: LegKind,
    pub(crate) trigger: Price,
    pub(crate) limit: Option<Price>,
    pub(crate) engine: OrderId,
}

/// A trigger order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Plan {
    pub(crate) id: u64,
    pub(crate) client: String,
    pub(crate) symbol: usize,
    pub(crate) kind: PlanKind,
    pub(crate) side: Side,
    pub(crate) position_side: PositionSide,
    pub(crate) reduce_only: bool,
    /// `None`: the whole position, whatever it becomes.
    pub(crate) qty: Option<Qty>,
    pub(crate) legs: Vec<PlanLeg>,
    pub(crate) by: TriggerBy,
    pub(crate) preset: Preset,
    pub(crate) status: PlanStatus,
    /// What it became.
    pub(crate) child: Option<u64>,
    pub(crate) position_mode: PositionMode,
    pub(crate) margin: MarginMode,
    pub(crate) created: Time,
    pub(crate) updated: Time,
}

impl Plan {
    pub(crate) fn leg(&self, kind: LegKind) -> Option<&PlanLeg> {
        self.legs.iter().find(|leg| leg.kind == kind)
    }

    pub(crate) fn is_open(&self) -> bool {
        self.status == PlanStatus::Live
    }

    /// Of the family V2 calls `profit_loss`.
    pub(crate) fn is_exit(&self) -> bool {
        !matches!(self.kind, PlanKind::Normal | PlanKind::Track { .. })
    }
}

/// A fill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fill {
    pub(crate) id: u64,
    pub(crate) order: u64,
    pub(crate) client: String,
    pub(crate) symbol: usize,
    pub(crate) side: Side,
    pub(crate) position_side: PositionSide,
    pub(crate) closes: bool,
    pub(crate) kind: Kind,
    pub(crate) qty: Qty,
    pub(crate) price: Price,
    /// Paid.
    pub(crate) fee: Usd,
    /// Realised before fees.
    pub(crate) profit: Usd,
    pub(crate) liquidity: Liquidity,
    pub(crate) cause: Cause,
    pub(crate) position_mode: PositionMode,
    pub(crate) at: Time,
}

/// Why money moved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BillKind {
    /// A fill, named by what it did.
    Trade {
        side: Side,
        position_side: PositionSide,
        closes: bool,
        cause: Cause,
    },
    Funding,
    /// What was left of a lost position, or what the insurance fund paid.
    Settlement,
    In,
    Out,
}

/// A movement of money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bill {
    pub(crate) id: u64,
    pub(crate) symbol: Option<usize>,
    pub(crate) kind: BillKind,
    pub(crate) amount: Usd,
    /// Paid.
    pub(crate) fee: Usd,
    /// Of the wallet afterwards.
    pub(crate) balance: Usd,
    pub(crate) at: Time,
}

/// Where an account's money lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purse {
    Spot,
    /// Of a classic account.
    Futures,
    /// Of a unified one: the same money.
    Unified,
}

impl Purse {
    pub(crate) const ALL: [Purse; 3] = [Purse::Spot, Purse::Futures, Purse::Unified];

    pub(crate) const fn word(self) -> &'static str {
        match self {
            Purse::Spot => "spot",
            Purse::Futures => "usdt_futures",
            Purse::Unified => "uta",
        }
    }
}

/// Money that went from one purse to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Transfer {
    pub(crate) id: u64,
    pub(crate) client: String,
    pub(crate) from: Purse,
    pub(crate) to: Purse,
    /// Whose purses: the number of either account.
    pub(crate) parties: [String; 2],
    pub(crate) amount: Usd,
    pub(crate) at: Time,
}

/// A position as it is told of, beside what the engine keeps.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Holding {
    /// The engine's own, followed fill by fill.
    pub(crate) position: Position,
    pub(crate) id: u64,
    pub(crate) opened: Time,
    pub(crate) updated: Time,
    pub(crate) profit: Usd,
    /// Paid.
    pub(crate) open_fee: Usd,
    pub(crate) close_fee: Usd,
    pub(crate) funding: Usd,
    pub(crate) lots_opened: Qty,
    pub(crate) lots_closed: Qty,
    /// Tick-lots.
    pub(crate) cost_opened: i128,
    pub(crate) cost_closed: i128,
}

/// A position that is gone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) symbol: usize,
    pub(crate) hold: Hold,
    pub(crate) margin: MarginMode,
    pub(crate) position_mode: PositionMode,
    pub(crate) holding: Holding,
}
