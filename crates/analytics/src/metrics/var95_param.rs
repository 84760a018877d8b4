//! The 5 % quantile of the normal distribution with the mean and deviation of daily returns. It refuses a
//! single return.

use super::{Metric, Unit};
use crate::{Prepared, Undefined, statistics};

pub(super) const METRIC: Metric =
    Metric { key: "var95_param", title: "Value at risk 95 %, normal", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let returns = run.returns()?;
    Ok(returns.mean + statistics::NORMAL_QUANTILE_05 * returns.deviation()?)
}
