//! The 5th percentile of daily returns, interpolated linearly. It refuses to flip the sign: a loss is
//! negative.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "var95_hist", title: "Value at risk 95 %, historical", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.value_at_risk()
}
