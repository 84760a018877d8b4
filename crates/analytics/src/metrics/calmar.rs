//! Compound annual growth rate over the size of the maximum drawdown. It refuses a curve that never fell.

use super::{Metric, Unit, cagr};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric = Metric { key: "calmar", title: "Calmar ratio", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let worst = run.max_drawdown()?;
    if worst == 0.0 {
        return Err(Undefined::NoDrawdown);
    }
    Ok((cagr::METRIC.compute)(run)? / worst.abs())
}
