//! What is asked of a made market.

use crate::Scenario;
use model::{Interval, Time};

/// Least price in USDT that a market ever has: a tick of 0.1 is then a thousandth.
pub const PRICE_MIN: f64 = 100.0;
/// Largest price in USDT that a market ever has: half of what a file's mark of eight decimals may be.
pub const PRICE_MAX: f64 = 10_000_000.0;
/// Least and largest price in USDT that a market may start at: both leave a factor of ten before an end is reached.
pub const PRICE_START: (f64, f64) = (1_000.0, 1_000_000.0);
/// Most scenarios that lie in a market at once.
pub const SCENARIOS_MAX: usize = 256;

/// A market to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct MarketSettings {
    /// Which one of its kind.
    pub seed: u64,
    /// When its first minute opens; cut to the minute.
    pub start: Time,
    /// Where its price starts, in USDT: within [`PRICE_START`].
    pub price: f64,
    /// What happens in it besides its own life; at most [`SCENARIOS_MAX`].
    pub scenarios: Vec<Laid>,
}

/// A scenario and its place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Laid {
    /// What happens.
    pub scenario: Scenario,
    /// It begins with the first minute that opens no earlier.
    pub at: Time,
    /// How long it lasts; [`Scenario::usual_length`] where nothing is said.
    pub lasts: Option<Interval>,
}
