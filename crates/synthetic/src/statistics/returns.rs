//! Returns: how far they go, how often they go very far, and what one says of the next.

use super::moments::{autocorrelation, deviation, excess_kurtosis, hill};
use super::{Sample, Undefined};
use model::Interval;

const MINUTES_PER_YEAR: f64 = 525_600.0;
const DAYS_PER_YEAR: f64 = 365.0;

/// Standard deviation of one-minute returns over a year of 365 days.
pub fn volatility_1m(sample: &Sample) -> Result<f64, Undefined> {
    Ok(deviation(&sample.returns)? * MINUTES_PER_YEAR.sqrt())
}

/// The same from returns between the last closes of UTC days.
pub fn volatility_1d(sample: &Sample) -> Result<f64, Undefined> {
    Ok(deviation(&sample.days.returns)? * DAYS_PER_YEAR.sqrt())
}

/// Excess kurtosis of one-minute returns.
pub fn kurtosis_1m(sample: &Sample) -> Result<f64, Undefined> {
    excess_kurtosis(&sample.returns)
}

/// Excess kurtosis of returns between the last closes of UTC hours.
pub fn kurtosis_1h(sample: &Sample) -> Result<f64, Undefined> {
    excess_kurtosis(&sample.hours.returns)
}

/// Excess kurtosis of returns between the last closes of UTC days.
pub fn kurtosis_1d(sample: &Sample) -> Result<f64, Undefined> {
    excess_kurtosis(&sample.days.returns)
}

/// Hill index of absolute one-minute returns, from the largest 1 %.
pub fn hill_1m_percent(sample: &Sample) -> Result<f64, Undefined> {
    hill(&sample.absolute, 0.01)
}

/// Hill index of absolute one-minute returns, from the largest 0.1 %.
pub fn hill_1m_permille(sample: &Sample) -> Result<f64, Undefined> {
    hill(&sample.absolute, 0.001)
}

/// Hill index of absolute returns between the last closes of UTC hours, from the largest 1 %.
pub fn hill_1h_percent(sample: &Sample) -> Result<f64, Undefined> {
    let sizes: Vec<f64> = sample.hours.returns.iter().map(|r| r.abs()).collect();
    hill(&sizes, 0.01)
}

fn share_beyond(sample: &Sample, deviations: f64) -> Result<f64, Undefined> {
    let bound = deviations * deviation(&sample.returns)?;
    let beyond = sample.absolute.iter().filter(|size| **size > bound).count();
    Ok(100.0 * beyond as f64 / sample.absolute.len() as f64)
}

/// Share of one-minute returns of more than five standard deviations, in per cent.
pub fn share_beyond_5(sample: &Sample) -> Result<f64, Undefined> {
    share_beyond(sample, 5.0)
}

/// Share of one-minute returns of more than ten standard deviations, in per cent.
pub fn share_beyond_10(sample: &Sample) -> Result<f64, Undefined> {
    share_beyond(sample, 10.0)
}

/// Autocorrelation of one-minute returns at a lag of one.
pub fn autocorrelation_1m(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&sample.returns, 1)
}

/// Returns between the last closes of slots of so many minutes, which are aligned to UTC.
fn over(sample: &Sample, minutes: i64) -> Vec<f64> {
    let slot = Interval::minutes(minutes);
    let last = |i: &usize| {
        i + 1 == sample.time.len() || sample.time[*i].floor(slot) != sample.time[i + 1].floor(slot)
    };
    let closes: Vec<f64> = (0..sample.time.len()).filter(last).map(|i| sample.log_close[i]).collect();
    closes.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

/// Autocorrelation of five-minute returns at a lag of one.
pub fn autocorrelation_5m(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&over(sample, 5), 1)
}

/// Variance of returns over so many minutes, one after the other from the first close on, over so many times that of
/// one-minute returns.
fn variance_ratio(sample: &Sample, minutes: u16) -> Result<f64, Undefined> {
    let closes: Vec<f64> = sample.log_close.iter().step_by(usize::from(minutes)).copied().collect();
    let long: Vec<f64> = closes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let (long, short) = (deviation(&long)?, deviation(&sample.returns)?);
    Ok(long * long / (f64::from(minutes) * short * short))
}

/// Variance ratio over an hour.
pub fn variance_ratio_60(sample: &Sample) -> Result<f64, Undefined> {
    variance_ratio(sample, 60)
}

/// Variance ratio over four hours.
pub fn variance_ratio_240(sample: &Sample) -> Result<f64, Undefined> {
    variance_ratio(sample, 240)
}
