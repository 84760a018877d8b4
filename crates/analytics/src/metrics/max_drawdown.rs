//! The deepest fall from a daily peak, the starting capital included; zero or negative. It refuses to skip
//! the first day.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "max_drawdown", title: "Maximum drawdown", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.max_drawdown()
}
