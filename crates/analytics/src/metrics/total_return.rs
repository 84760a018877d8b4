//! Final equity over starting capital, less one. It refuses to annualise.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "total_return", title: "Total return", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    Ok(run.growth()? - 1.0)
}
