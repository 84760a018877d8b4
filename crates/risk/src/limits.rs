//! What a bot may do. Made from its profile and the operator's settings; no mood reaches it.

use model::{Interval, RiskLevel};
use persona::profile::RiskBand;

/// Whether a bot may open positions; each is stricter than those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TradingState {
    /// It may.
    Active,
    /// It manages what it holds and opens nothing until it is told to.
    Paused,
    /// It may only leave what it holds.
    ReduceOnly,
    /// It may only leave, and should.
    Halted,
}

model::value!(enum TradingState { 0 => Active, 1 => Paused, 2 => ReduceOnly, 3 => Halted });

/// Limits of one bot. Fractions are in basis points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// The persona's band.
    pub band: RiskBand,
    /// Drawdown from the equity peak at which nothing more is opened.
    pub drawdown_max_bps: u32,
    /// Loss of one UTC day at which nothing more is opened.
    pub daily_loss_max_bps: u32,
    /// Entries within an hour.
    pub entries_per_hour_max: u32,
    /// A price older than this is stale.
    pub price_age_max: Interval,
}

impl Limits {
    /// The limits of a persona.
    pub fn of_band(band: RiskBand) -> Limits {
        Limits {
            band,
            drawdown_max_bps: 5_000,
            daily_loss_max_bps: 1_000,
            entries_per_hour_max: 30,
            price_age_max: Interval(2 * Interval::MINUTE.0),
        }
    }

    /// The same where only this part of the band is used.
    #[must_use]
    pub fn at(&self, level: RiskLevel) -> Limits {
        let tolerance = level.within(self.band.tolerance);
        Limits { band: RiskBand { tolerance, ..self.band }, ..*self }
    }
}
