//! Bias-corrected kurtosis of daily returns, less the normal distribution's three. It refuses fewer than four
//! returns.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "kurtosis_excess", title: "Excess kurtosis", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.returns()?.kurtosis_excess()
}
