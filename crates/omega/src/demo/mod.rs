//! The show: the six personas in a market made while they trade, on a terminal, to be watched and disturbed.
//!
//! It refuses to pass for history: the market is seeded and made, and every screen says so. Nothing in it is staged: the
//! farm, the gate, the venue and the books are those of a back-test, and its tape ends in the same state.

mod controls;
mod diary;
mod market;
mod picture;
mod playing;
mod stage;
mod tape;

pub use market::{MadeMarket, START};
pub use playing::{Playing, minutes_of, play};
pub use stage::Stage;
pub use tape::Files;
