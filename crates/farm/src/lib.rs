//! The farm: bots over one market view, and the one loop that every mode runs.
//!
//! The core is synchronous and cannot fail: it takes bars and events, and fills a bounded outbox. A mode (back-test,
//! paper, live, replay, simulation) is a `World`. Nothing here knows a clock, a socket or a file.

pub mod action;
pub mod bot;
pub mod drive;
pub mod flock;

pub use action::{ACTIONS_MAX, Action, Actions, Notice};
pub use bot::{Bot, BotSettings};
pub use drive::{STRIDE_MAX, Step, World, drive};
pub use flock::Farm;
