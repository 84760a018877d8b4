//! Expected profit of a decided trade in units of the average loss. It refuses a run without both a winner
//! and a loser.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "expectancy_ratio", title: "Expectancy ratio", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let trades = run.trades()?;
    Ok((1.0 + trades.win_loss_ratio()?) * trades.win_rate()? - 1.0)
}
