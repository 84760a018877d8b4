//! Bias-corrected skew of daily returns. It refuses fewer than three returns.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric = Metric { key: "skew", title: "Skew", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.returns()?.skew()
}
