//! The other side of the wire: a simulated venue that matches orders against bars, pessimistically and exactly.
//!
//! One instrument; accounts of one bot, or of several in hedge mode. Pure and deterministic: no clock, no random device, and no float beyond the
//! share of a bar's volume. It refuses to be kind: gaps fill at the worse price, a stop comes before a target.

mod account;
mod admission;
mod arrival;
mod books;
mod bracket;
mod carried;
pub mod conformance;
mod counter;
mod direction;
mod fault;
mod fill;
mod liquidation;
pub mod margin;
mod marks;
mod mode;
mod models;
mod path;
mod quiet;
mod reports;
mod resting;
pub mod round_trip;
mod seen;
mod terms;
mod venue;

pub use account::{Account, AccountSettings, IN_FLIGHT_MAX, ORDERS_MAX};
pub use books::{Books, Entry};
pub use carried::Carried;
pub use counter::{Counter, HISTORY_MAX, Ladder, STRANGER};
pub use direction::Direction;
pub use margin::LiquidationLevels;
pub use marks::{MarkBar, MarkPath};
pub use mode::ModeRefusal;
pub use models::Models;
pub use resting::{RestingKind, RestingOrder, Role};
pub use round_trip::RoundTrip;
pub use seen::BOTS_MAX;
pub use venue::Venue;

use model::RejectReason as Rejection;
