//! The farm: bots over one market view, and the one loop that every mode runs.
//!
//! The core is synchronous and cannot fail: it takes bars and events, and fills a bounded outbox. A mode (back-test,
//! paper, live, replay, simulation) is a `World`. Nothing here knows a clock, a socket or a file.

mod accounts;
pub mod action;
mod auditing;
pub mod battle;
pub mod bot;
pub mod conduct;
pub mod desk;
pub mod drive;
pub mod flock;
pub mod journal;
pub mod lease;
pub mod obedience;
pub mod roster;
mod ruling;
pub mod seat;
pub mod session;
mod sharing;
pub mod summary;

pub use accounts::Difference;
pub use action::{ACTIONS_MAX, Action, Actions, News, Notice, Word};
pub use battle::{Battle, LeadChange, Standing};
pub use bot::{Allowance, Bot, BotSettings, BotStatus, Unusual};
pub use conduct::Occasions;
pub use desk::Desk;
pub use drive::{STRIDE_MAX, Step, World, drive};
pub use flock::{Farm, FarmError};
pub use lease::{Clocks, Lease, LeaseAnswer, LeaseNews, LeaseRequest, NodeId, Registry, ShardId};
pub use model::{FromVenue, Holding, ToVenue};
pub use obedience::{Objection, Reply};
pub use roster::{AccountPlan, BOTS_MAX, Character, Checkpoint, Recruit, Roster, RosterError};
pub use seat::{Right, Seat, Tally, VenueClock};
pub use session::Session;
pub use summary::SessionSummary;
