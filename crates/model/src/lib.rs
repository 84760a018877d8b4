//! The vocabulary of the farm: integers with units, instruments, bars, orders, reports and events.
//!
//! Everything here is plain data and exact arithmetic on it. This crate refuses to read a clock, a file or a
//! random device, to allocate on a hot path, and to hold money in a floating-point number.

pub mod bars;
pub mod command;
pub mod decimal;
pub mod event;
pub mod hash;
pub mod ids;
pub mod instrument;
pub mod market_data;
pub mod math;
pub mod money;
pub mod nearest;
pub mod order;
pub mod position;
pub mod report;
pub mod rng;
pub mod snapshot;
pub mod talk;
pub mod time;

pub use bars::{Bar, BarColumns, Bars};
pub use command::{Command, CommandId, Instruction, Purse, RiskLevel, Role, Scope};
pub use decimal::{Decimal, DecimalError};
pub use event::{Event, Wake};
pub use hash::StateHash;
pub use ids::{AccountId, BadOrderId, BotId, Leg, OrderId};
pub use instrument::{FeeSchedule, Instrument, MarginTier, Step};
pub use market_data::{FundingRate, MarkColumns};
pub use money::{Mark, Price, Qty, Rate, Usd, div_round_half_away};
pub use order::{
    AccountMode, Bracket, MarginMode, OrderKind, OrderRequest, PositionMode, PositionSide, Request, Side,
    TARGETS_MAX, Target, TimeInForce,
};
pub use position::{Position, Realised};
pub use report::{CancelReason, Fill, Liquidity, RejectReason, Report};
pub use rng::{Concern, Draws, Rng};
pub use talk::{FromVenue, Holding, Known, KnownOrder, Progress, ToVenue};
pub use time::{Interval, Time};
