//! Probability that the true Sharpe ratio is above zero, given length, skew and kurtosis. It refuses to feed
//! the excess kurtosis into a formula made for the raw one.

use super::{Metric, Unit};
use crate::{Prepared, Undefined, statistics};

pub(super) const METRIC: Metric =
    Metric { key: "psr0", title: "Probabilistic Sharpe ratio", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let returns = run.returns()?;
    let kurtosis = returns.kurtosis_excess()? + 3.0;
    let sharpe = returns.sharpe_daily()?;
    let variance = 1.0 - returns.skew()? * sharpe + (kurtosis - 1.0) / 4.0 * sharpe * sharpe;
    if variance <= 0.0 {
        return Err(Undefined::ExtremeMoments);
    }
    let z = sharpe * (returns.len() as f64 - 1.0).sqrt() / variance.sqrt();
    Ok(statistics::normal_probability(z))
}
