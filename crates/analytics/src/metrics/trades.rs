//! Number of closed trades, those that ended at exactly zero included. It refuses nothing: no trade is the
//! number zero.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "trades", title: "Closed trades", unit: Unit::Count, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    Ok(run.trades()?.count() as f64)
}
