//! Size of the 95th percentile of daily returns over that of the 5th. It refuses a 5th percentile of zero.

use super::{Metric, Unit};
use crate::{Prepared, Undefined, statistics};

pub(super) const METRIC: Metric =
    Metric { key: "tail_ratio", title: "Tail ratio", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let low = run.value_at_risk()?;
    if low == 0.0 {
        return Err(Undefined::NoTail);
    }
    Ok((statistics::quantile(&run.returns()?.sorted, 0.95) / low).abs())
}
