//! Mean over deviation of trade profits, times the root of their number. It refuses a single trade and
//! profits that do not vary.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "sqn", title: "System quality number", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let trades = run.trades()?;
    Ok((trades.count() as f64).sqrt() * trades.quality()?)
}
