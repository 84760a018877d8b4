//! Root of the squared drawdowns over the number of daily returns less one: depth and length in one figure.
//! It refuses a single day.

use super::{Metric, Unit};
use crate::{Prepared, Undefined};

pub(super) const METRIC: Metric =
    Metric { key: "ulcer_index", title: "Ulcer index", unit: Unit::Fraction, compute };

fn compute(run: &Prepared<'_>) -> Result<f64, Undefined> {
    let falls = run.drawdowns()?;
    // The starting point has no fall and is not a day: n is the number of daily returns, as for the
    // deviation.
    let days = falls.len() - 1;
    if days < 2 {
        return Err(Undefined::TooFewDays { have: days, needed: 2 });
    }
    let squares: f64 = falls.iter().map(|fall| fall * fall).sum();
    Ok((squares / (days as f64 - 1.0)).sqrt())
}
