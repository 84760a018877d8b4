//! The longest unbroken run of days that ended below an earlier peak. It refuses to call a day at the peak
//! under water.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "longest_underwater_days", title: "Longest time under water", unit: Unit::Days, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let mut longest = 0_usize;
    let mut current = 0_usize;
    for &fall in run.drawdowns()? {
        current = if fall < 0.0 { current + 1 } else { 0 };
        longest = longest.max(current);
    }
    Ok(longest as f64)
}
