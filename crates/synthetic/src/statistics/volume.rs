//! Volume: how it goes with movement, how it varies and how long that is remembered; and on which side takers were.

use super::moments::{autocorrelation, correlation, deviation};
use super::{Sample, Undefined};
use model::math;

/// Correlation of absolute return and volume of the same minute.
pub fn with_absolute_1m(sample: &Sample) -> Result<f64, Undefined> {
    correlation(&sample.absolute, &sample.volume[1..])
}

/// Correlation of realised volatility and volume of the same UTC hour.
pub fn with_realised_1h(sample: &Sample) -> Result<f64, Undefined> {
    correlation(&sample.hours.realised, &sample.hours.volume)
}

/// Logarithms of the volumes of minutes with trade.
fn logarithms(sample: &Sample) -> Vec<f64> {
    sample.volume.iter().filter(|volume| **volume > 0.0).map(|volume| math::ln(*volume)).collect()
}

/// Standard deviation of the logarithm of a minute's volume.
pub fn log_deviation(sample: &Sample) -> Result<f64, Undefined> {
    deviation(&logarithms(sample))
}

/// Autocorrelation of the logarithm of volume at a minute.
pub fn log_1(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&logarithms(sample), 1)
}

/// The same at an hour.
pub fn log_60(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&logarithms(sample), 60)
}

/// The same at a day.
pub fn log_1440(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(&logarithms(sample), 1_440)
}

fn takers(sample: &Sample) -> Result<&[f64], Undefined> {
    sample.imbalance.as_deref().map_err(|undefined| *undefined)
}

/// Standard deviation of the taker imbalance of a minute.
pub fn takers_deviation(sample: &Sample) -> Result<f64, Undefined> {
    deviation(takers(sample)?)
}

/// Autocorrelation of the taker imbalance at a minute.
pub fn takers_1(sample: &Sample) -> Result<f64, Undefined> {
    autocorrelation(takers(sample)?, 1)
}

/// Correlation of the taker imbalance and the return of the same minute.
pub fn takers_with_return(sample: &Sample) -> Result<f64, Undefined> {
    correlation(&takers(sample)?[1..], &sample.returns)
}

/// Correlation of the taker imbalance and the return of the next minute.
pub fn takers_with_next(sample: &Sample) -> Result<f64, Undefined> {
    let takers = takers(sample)?;
    correlation(&takers[..takers.len() - 1], &sample.returns)
}
