//! Winners over winners and losers; trades that ended at exactly zero are left out. It refuses a run without
//! a decided trade.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "win_rate", title: "Win rate", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    run.trades()?.win_rate()
}
