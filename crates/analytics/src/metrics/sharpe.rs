//! Annualised mean over standard deviation of daily returns; risk-free rate zero. It refuses returns that do
//! not vary.

use super::{Metric, Unit};
use crate::returns::DAYS_PER_YEAR;
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric = Metric { key: "sharpe", title: "Sharpe ratio", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    Ok(run.returns()?.sharpe_daily()? * DAYS_PER_YEAR.sqrt())
}
