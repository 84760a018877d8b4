//! The list of metrics. Adding one takes a file here and its line (with its `mod`) in the list below. This
//! module refuses to let a value out that is not a finite number.

use crate::{Inputs, Prepared, Undefined};

mod avg_loss;
mod avg_win;
mod cagr;
mod calmar;
mod cvar95_hist;
mod expectancy;
mod expectancy_ratio;
mod kelly;
mod kurtosis_excess;
mod longest_underwater_days;
mod max_drawdown;
mod omega0;
mod profit_factor;
mod psr0;
mod sharpe;
mod skew;
mod sortino;
mod sqn;
mod sqn100;
mod tail_ratio;
mod total_return;
mod trades;
mod ulcer_index;
mod var95_hist;
mod var95_param;
mod volatility_ann;
mod win_loss_ratio;
mod win_rate;

/// Every metric, in the order in which reports print them: the equity-based ones, then the trade-based ones.
// tidy: list-of src/metrics/
pub const METRICS: &[Metric] = &[
    total_return::METRIC,
    cagr::METRIC,
    volatility_ann::METRIC,
    sharpe::METRIC,
    sortino::METRIC,
    max_drawdown::METRIC,
    calmar::METRIC,
    longest_underwater_days::METRIC,
    omega0::METRIC,
    var95_hist::METRIC,
    cvar95_hist::METRIC,
    var95_param::METRIC,
    skew::METRIC,
    kurtosis_excess::METRIC,
    psr0::METRIC,
    tail_ratio::METRIC,
    ulcer_index::METRIC,
    trades::METRIC,
    win_rate::METRIC,
    profit_factor::METRIC,
    avg_win::METRIC,
    avg_loss::METRIC,
    win_loss_ratio::METRIC,
    expectancy::METRIC,
    expectancy_ratio::METRIC,
    sqn::METRIC,
    sqn100::METRIC,
    kelly::METRIC,
];

/// One metric.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// Name in the JSON output.
    pub key: &'static str,
    /// Name in tables.
    pub title: &'static str,
    /// How a person reads the value.
    pub unit: Unit,
    /// The formula; callers use [`Metric::evaluate`].
    pub compute: fn(&Prepared<'_>) -> Result<f64, Undefined>,
}

/// How a person reads a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// A fraction, printed in per cent.
    Fraction,
    /// A number without a unit.
    Ratio,
    /// USDT.
    Money,
    /// A whole number.
    Count,
    /// Whole days.
    Days,
}

impl Unit {
    /// The value as text for a table.
    pub fn format(self, value: f64) -> String {
        match self {
            Unit::Fraction => format!("{:.2} %", value * 100.0),
            Unit::Ratio => format!("{value:.3}"),
            Unit::Money => format!("{value:.2} USDT"),
            Unit::Count => format!("{value:.0}"),
            Unit::Days => format!("{value:.0} d"),
        }
    }
}

impl Metric {
    /// The value, or why there is none; never a number that is not finite.
    pub fn evaluate(&self, run: &Prepared<'_>) -> Result<f64, Undefined> {
        let value = (self.compute)(run)?;
        if value.is_finite() { Ok(value) } else { Err(Undefined::BeyondRange) }
    }

    /// The outcome as text for a table.
    pub fn format(&self, outcome: Result<f64, Undefined>) -> String {
        outcome.map_or_else(|reason| reason.to_string(), |value| self.unit.format(value))
    }
}

/// Every metric of a run under its key, in the order of [`METRICS`].
pub fn evaluate(inputs: &Inputs<'_>) -> Vec<(&'static str, Result<f64, Undefined>)> {
    let run = Prepared::new(inputs);
    METRICS.iter().map(|metric| (metric.key, metric.evaluate(&run))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_shows_units_and_reasons() {
        assert_eq!(Unit::Fraction.format(-0.04358), "-4.36 %");
        assert_eq!(Unit::Money.format(7.753), "7.75 USDT");
        assert_eq!(Unit::Days.format(58.0), "58 d");
        assert_eq!(kelly::METRIC.format(Err(Undefined::NoTrade)), "n/a (no trade)");
        assert_eq!(sharpe::METRIC.format(Ok(2.708_606)), "2.709");
    }

    #[test]
    fn an_overflow_is_a_reason_not_an_infinity() {
        let run = Prepared::new(&Inputs { equity: &[1e-300, 1e300], profits: &[f64::MAX, f64::MAX] });
        assert_eq!(total_return::METRIC.evaluate(&run), Err(Undefined::BeyondRange));
        assert_eq!(expectancy::METRIC.evaluate(&run), Err(Undefined::BeyondRange));
    }
}
