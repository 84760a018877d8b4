//! One-minute bars as the statistics want them: logarithms, returns, and the sums of hours and days.
//!
//! Bars are taken in a row: a gap is not filled, the return over it counts as a minute's. It refuses bars of another length,
//! because none of the bounds would mean anything for them.

use super::Undefined;
use model::{Bars, Interval, Time, math};

/// Bars prepared for all statistics at once.
#[derive(Clone, Debug)]
pub struct Sample {
    /// First instants; one more than there are returns.
    pub(super) time: Vec<Time>,
    /// Logarithms of closes.
    pub(super) log_close: Vec<f64>,
    /// Log returns of closes: `returns[i]` is the minute `time[i + 1]`.
    pub(super) returns: Vec<f64>,
    /// Their sizes.
    pub(super) absolute: Vec<f64>,
    /// Traded quantities, one for each bar.
    pub(super) volume: Vec<f64>,
    /// `ln(high / low)`, one for each bar.
    pub(super) range: Vec<f64>,
    /// Taker imbalance of each bar: twice what takers bought over the volume, less one; zero without volume.
    pub(super) imbalance: Result<Vec<f64>, Undefined>,
    /// UTC hours.
    pub(super) hours: Blocks,
    /// UTC days.
    pub(super) days: Blocks,
}

/// The minutes of each hour or day together.
#[derive(Clone, Debug, Default)]
pub(super) struct Blocks {
    /// Returns from last close to last close: one fewer than there are blocks.
    pub returns: Vec<f64>,
    /// Square root of the sum of squared one-minute returns.
    pub realised: Vec<f64>,
    /// Sums of volume.
    pub volume: Vec<f64>,
}

impl Sample {
    /// Prepares bars; `taker_buy_volume` is what takers bought in each, where that is known.
    pub fn new(bars: Bars<'_>, taker_buy_volume: Option<&[f64]>) -> Result<Sample, Undefined> {
        if bars.interval != Interval::MINUTE {
            return Err(Undefined("the statistics are those of one-minute bars"));
        }
        if bars.len() < 2 {
            return Err(Undefined("fewer than two bars"));
        }
        if bars.low.iter().any(|low| low.0 <= 0) {
            return Err(Undefined("a price that is not positive has no logarithm"));
        }
        let log_close: Vec<f64> = bars.close.iter().map(|close| math::ln(close.0 as f64)).collect();
        let returns: Vec<f64> = log_close.windows(2).map(|pair| pair[1] - pair[0]).collect();
        let range = bars.high.iter().zip(bars.low).map(|(high, low)| math::ln(high.0 as f64 / low.0 as f64));
        let time: Vec<Time> = (0..bars.len()).map(|i| bars.open_at(i)).collect();
        let volume = bars.volume.to_vec();
        Ok(Sample {
            absolute: returns.iter().map(|r| r.abs()).collect(),
            range: range.collect(),
            imbalance: imbalance(&volume, taker_buy_volume),
            hours: Blocks::new(Interval::HOUR, &time, &log_close, &returns, &volume),
            days: Blocks::new(Interval::DAY, &time, &log_close, &returns, &volume),
            time,
            log_close,
            returns,
            volume,
        })
    }
}

fn imbalance(volume: &[f64], taker_buy_volume: Option<&[f64]>) -> Result<Vec<f64>, Undefined> {
    let bought = taker_buy_volume.ok_or(Undefined("no column of taker buy volume"))?;
    assert_eq!(bought.len(), volume.len(), "columns of one table have one length");
    let of = |(bought, volume): (&f64, &f64)| if *volume > 0.0 { 2.0 * bought / volume - 1.0 } else { 0.0 };
    Ok(bought.iter().zip(volume).map(of).collect())
}

impl Blocks {
    fn new(length: Interval, time: &[Time], log_close: &[f64], returns: &[f64], volume: &[f64]) -> Blocks {
        let mut blocks = Blocks::default();
        let (mut squares, mut traded) = (0.0, volume[0]);
        let mut close_before = None;
        for i in 1..=time.len() {
            if i == time.len() || time[i].floor(length) != time[i - 1].floor(length) {
                blocks.realised.push(f64::sqrt(squares));
                blocks.volume.push(traded);
                let close = log_close[i - 1];
                blocks.returns.extend(close_before.replace(close).map(|before: f64| close - before));
                (squares, traded) = (0.0, 0.0);
            }
            if i < time.len() {
                squares += returns[i - 1] * returns[i - 1];
                traded += volume[i];
            }
        }
        blocks
    }
}
