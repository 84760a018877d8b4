//! Sum of the positive daily returns over the size of the sum of the negative ones. It refuses a run without
//! a losing day.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "omega0", title: "Omega ratio at zero", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let daily = &run.returns()?.daily;
    let gains: f64 = daily.iter().filter(|&&r| r > 0.0).sum();
    let losses: f64 = daily.iter().filter(|&&r| r < 0.0).sum();
    if losses == 0.0 {
        return Err(Undefined::NoLosingDay);
    }
    Ok(gains / losses.abs())
}
