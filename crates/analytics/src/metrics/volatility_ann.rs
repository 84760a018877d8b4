//! Standard deviation of daily returns, scaled to a year. It refuses a single return.

use super::{Metric, Unit};
use crate::returns::DAYS_PER_YEAR;
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "volatility_ann", title: "Annualised volatility", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    Ok(run.returns()?.deviation()? * DAYS_PER_YEAR.sqrt())
}
