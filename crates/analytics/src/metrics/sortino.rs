//! Annualised mean over the downside root mean square, taken over all days. It refuses a run without a losing
//! day.

use super::{Metric, Unit};
use crate::returns::DAYS_PER_YEAR;
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "sortino", title: "Sortino ratio", unit: Unit::Ratio, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let returns = run.returns()?;
    let squares: f64 = returns.daily.iter().map(|r| r.min(0.0) * r.min(0.0)).sum();
    if squares == 0.0 {
        return Err(Undefined::NoLosingDay);
    }
    let downside = (squares / returns.len() as f64).sqrt();
    Ok(returns.mean / downside * DAYS_PER_YEAR.sqrt())
}
