//! Order life and ledger of one bot: conservation of money lives here.
//!
//! Nothing here decides anything. It hears reports, moves orders through their life, posts every change of money
//! with two sides and keeps the record of each round trip. It refuses to guess: a report that does not fit is
//! counted, not believed.

pub mod books;
pub mod ledger;
pub mod orders;
pub mod status;
pub mod trade;

pub use books::{Books, Posting};
pub use ledger::Ledger;
pub use orders::{Orders, WORKING_MAX, Working};
pub use status::{Heard, OrderStatus};
pub use trade::{EntryContext, ExitReason, OpenTrade, Trade};
