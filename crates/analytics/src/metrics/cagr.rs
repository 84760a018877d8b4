//! The yearly rate at which the curve would have compounded to its end. It refuses a final equity below zero,
//! which no rate reaches.

use super::{Metric, Unit};
use crate::returns::DAYS_PER_YEAR;
use crate::{Prepared, Undefined};
use model::math;

pub(super) const METRIC: Metric =
    Metric { key: "cagr", title: "Compound annual growth rate", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let growth = run.growth()?;
    let days = run.returns()?.len() as f64;
    if growth < 0.0 {
        return Err(Undefined::Ruined);
    }
    Ok(math::pow(growth, DAYS_PER_YEAR / days) - 1.0)
}
