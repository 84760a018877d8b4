//! Sum of what winners gained over sum of what losers lost. It refuses a run without a losing trade.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "profit_factor", title: "Profit factor", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let trades = run.trades()?;
    Ok(trades.gained() / trades.lost()?)
}
