//! The share of capital that would grow fastest at this win rate and win/loss ratio; negative is no edge. It
//! refuses a run without both a winner and a loser.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "kelly", title: "Kelly share", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let trades = run.trades()?;
    let rate = trades.win_rate()?;
    Ok(rate - (1.0 - rate) / trades.win_loss_ratio()?)
}
