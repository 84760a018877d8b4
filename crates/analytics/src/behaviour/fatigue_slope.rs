//! What fatigue costs: the least-squares slope of a trade's R multiple on the fatigue it was entered with, in R per unit of
//! fatigue (0 rested, 1 exhausted); -1 means that the exhausted earn one R less per trade than the rested. It refuses fewer
//! than [`FATIGUE_TRADES_MIN`] trades and fatigue that does not vary, and it refuses to call the slope a cause: tired hours may
//! be bad ones for other reasons.

use super::{Behaviour, LivedTrade, Observations, Source, require};
use crate::metrics::Unit;
use crate::{Undefined, statistics};

pub(super) const BEHAVIOUR: Behaviour = Behaviour {
    key: "fatigue_slope",
    title: "R per unit of fatigue",
    unit: Unit::Ratio,
    source: Source::Trades,
    compute,
};

/// Trades it takes.
pub const FATIGUE_TRADES_MIN: usize = 10;

/// A fitted line's slope.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slope {
    /// R per unit of fatigue.
    pub slope: f64,
    /// Its standard error, with independent errors of one size: sqrt(residuals² / (n - 2) / sum of (x - mean)²).
    pub standard_error: f64,
}

fn compute(seen: &Observations<'_>) -> Result<f64, Undefined> {
    Ok(slope_of_r_multiple_on_fatigue(seen.trades)?.slope)
}

/// The slope and its standard error (ordinary least squares with an intercept).
pub fn slope_of_r_multiple_on_fatigue(trades: &[LivedTrade]) -> Result<Slope, Undefined> {
    require("trades", trades.len(), FATIGUE_TRADES_MIN)?;
    let fatigue: Vec<f64> = trades.iter().map(|trade| trade.fatigue).collect();
    let outcome: Vec<f64> = trades.iter().map(|trade| trade.r_multiple).collect();
    if fatigue.iter().chain(&outcome).any(|x| !x.is_finite()) {
        return Err(Undefined::NotFinite);
    }
    let (mean_fatigue, mean_outcome) = (statistics::mean(&fatigue), statistics::mean(&outcome));
    let n = trades.len() as f64;
    let variation = statistics::central_moment(&fatigue, mean_fatigue, 2) * n;
    if fatigue.iter().all(|&x| x == fatigue[0]) || variation <= 0.0 {
        return Err(Undefined::FatigueDoesNotVary);
    }
    let pairs = || fatigue.iter().zip(&outcome).map(|(x, y)| (x - mean_fatigue, y - mean_outcome));
    let slope = pairs().map(|(x, y)| x * y).sum::<f64>() / variation;
    let residuals: f64 = pairs().map(|(x, y)| (y - slope * x) * (y - slope * x)).sum();
    let standard_error = (residuals / (n - 2.0) / variation).sqrt();
    if slope.is_finite() && standard_error.is_finite() {
        Ok(Slope { slope, standard_error })
    } else {
        Err(Undefined::BeyondRange)
    }
}
