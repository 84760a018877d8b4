//! A Bitcoin market that never was: one-minute bars with marks and funding that move as the real one does, from a seed.
//!
//! It is made minute by minute in a state of fixed size, so a market may be of any length. Its statistics are compared with those
//! of real history (`docs/market.md`), and what a trader fears can be laid into it as a scenario.
//!
//! It refuses randomness of its own (the same seed is the same market on every machine), to allocate for a minute, and
//! to promise that a strategy which earns here earns anywhere.

mod flow;
mod market;
mod minute;
mod noise;
mod premium;
mod profile;
mod scenario;
mod schedule;
mod settings;
pub mod statistics;
mod volatility;

pub use market::Market;
pub use minute::{MarkBar, Minute};
pub use scenario::Scenario;
pub use settings::{Laid, MarketSettings, PRICE_MAX, PRICE_MIN, PRICE_START, SCENARIOS_MAX};
