//! Mean net profit of the winners. It refuses a run without a winner.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric = Metric { key: "avg_win", title: "Average win", unit: Unit::Money, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.trades()?.average_win()
}
