//! Average win over average loss. It refuses a run that lacks either.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "win_loss_ratio", title: "Win/loss ratio", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.trades()?.win_loss_ratio()
}
