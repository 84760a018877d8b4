//! Mean size of the losses, positive. It refuses a run without a loser.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "avg_loss", title: "Average loss", unit: Unit::Money, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.trades()?.average_loss()
}
