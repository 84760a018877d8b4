//! Volatility: how long it is remembered, how it differs between days, how a bar's range goes with its return.

use super::moments::{autocorrelation, deviation, mean};
use super::{Sample, Undefined};
use model::math;

fn absolute(sample: &Sample, lag: usize) -> Result<f64, Undefined> {
    autocorrelation(&sample.absolute, lag)
}

/// Autocorrelation of absolute one-minute returns at a minute.
pub fn absolute_1(sample: &Sample) -> Result<f64, Undefined> {
    absolute(sample, 1)
}

/// The same at ten minutes.
pub fn absolute_10(sample: &Sample) -> Result<f64, Undefined> {
    absolute(sample, 10)
}

/// The same at an hour.
pub fn absolute_60(sample: &Sample) -> Result<f64, Undefined> {
    absolute(sample, 60)
}

/// The same at four hours.
pub fn absolute_240(sample: &Sample) -> Result<f64, Undefined> {
    absolute(sample, 240)
}

/// The same at a day.
pub fn absolute_1440(sample: &Sample) -> Result<f64, Undefined> {
    absolute(sample, 1_440)
}

/// The same at a week.
pub fn absolute_10080(sample: &Sample) -> Result<f64, Undefined> {
    absolute(sample, 10_080)
}

/// Logarithms of the realised volatilities of UTC days that had any.
fn daily(sample: &Sample) -> Vec<f64> {
    sample
        .days
        .realised
        .iter()
        .filter(|realised| **realised > 0.0)
        .map(|realised| math::ln(*realised))
        .collect()
}

/// Standard deviation of the logarithm of daily realised volatility.
pub fn daily_deviation(sample: &Sample) -> Result<f64, Undefined> {
    deviation(&daily(sample))
}

/// Autocorrelation of the logarithm of daily realised volatility at a day.
pub fn daily_1(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&daily(sample), 1)
}

/// The same at a week.
pub fn daily_7(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&daily(sample), 7)
}

/// The same at thirty days.
pub fn daily_30(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&daily(sample), 30)
}

/// Mean of `ln(high / low)` over the standard deviation of returns.
pub fn range(sample: &Sample) -> Result<f64, Undefined> {
    Ok(mean(&sample.range)? / deviation(&sample.returns)?)
}
