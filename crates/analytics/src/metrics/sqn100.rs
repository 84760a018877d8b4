//! The system quality number with at most 100 trades counted, so that mere frequency does not raise it. It
//! refuses a single trade and profits that do not vary.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric = Metric {
    key: "sqn100",
    title: "System quality number, capped at 100 trades",
    unit: Unit::Ratio,
    compute,
};

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let trades = run.trades()?;
    Ok((trades.count().min(100) as f64).sqrt() * trades.quality()?)
}
