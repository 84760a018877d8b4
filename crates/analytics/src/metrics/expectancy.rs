//! Mean net profit of a trade. It refuses a run without a trade.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "expectancy", title: "Expectancy", unit: Unit::Money, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.trades()?.expectancy()
}
