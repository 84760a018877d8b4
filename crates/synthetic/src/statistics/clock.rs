//! The clock: how the hours of a day and the days of a week differ.

use super::moments::{correlation, mean};
use super::{Sample, Undefined};
use crate::profile;
use model::{Interval, Time};

/// Mean of each UTC hour over the mean of all.
fn by_hour(time: &[Time], values: &[f64]) -> Result<Vec<f64>, Undefined> {
    let (mut sums, mut counts) = ([0.0; 24], [0.0; 24]);
    for (time, value) in time.iter().zip(values) {
        let hour = (time.time_of_day_ms() / Interval::HOUR.0) as usize;
        sums[hour] += value;
        counts[hour] += 1.0;
    }
    if counts.contains(&0.0) {
        return Err(Undefined("an hour of the day without bars"));
    }
    let all = mean(values)?;
    if all == 0.0 {
        return Err(Undefined("all values are zero"));
    }
    Ok(sums.iter().zip(counts).map(|(sum, count)| sum / count / all).collect())
}

/// Mean absolute one-minute return of each UTC hour, relative to the average.
pub fn absolute_by_hour(sample: &Sample) -> Result<Vec<f64>, Undefined> {
    by_hour(&sample.time[1..], &sample.absolute)
}

/// Mean volume of each UTC hour, relative to the average.
pub fn volume_by_hour(sample: &Sample) -> Result<Vec<f64>, Undefined> {
    by_hour(&sample.time, &sample.volume)
}

/// Correlation of [`absolute_by_hour`] with that of real Bitcoin.
pub fn hours_of_absolute(sample: &Sample) -> Result<f64, Undefined> {
    correlation(&absolute_by_hour(sample)?, &profile::VOLATILITY)
}

/// Correlation of [`volume_by_hour`] with that of real Bitcoin.
pub fn hours_of_volume(sample: &Sample) -> Result<f64, Undefined> {
    correlation(&volume_by_hour(sample)?, &profile::VOLUME)
}

/// Mean absolute one-minute return of Saturdays and Sundays, relative to the average.
pub fn weekend(sample: &Sample) -> Result<f64, Undefined> {
    let minutes = || sample.time[1..].iter().zip(&sample.absolute);
    let weekend: Vec<f64> =
        minutes().filter(|(time, _)| profile::is_weekend(**time)).map(|(_, size)| *size).collect();
    if weekend.is_empty() || weekend.len() == sample.absolute.len() {
        return Err(Undefined("no weekend and weekday to compare"));
    }
    let all = mean(&sample.absolute)?;
    if all > 0.0 { Ok(mean(&weekend)? / all) } else { Err(Undefined("all values are zero")) }
}
