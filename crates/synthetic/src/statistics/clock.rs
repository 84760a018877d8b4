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

/// Mean absolute one-minute return of Saturdays and Sundays over that of the other days.
pub fn weekend(sample: &Sample) -> Result<f64, Undefined> {
    let (mut sums, mut counts) = ([0.0; 2], [0.0; 2]);
    for (time, size) in sample.time[1..].iter().zip(&sample.absolute) {
        let which = usize::from(profile::is_weekend(*time));
        sums[which] += size;
        counts[which] += 1.0;
    }
    if counts.contains(&0.0) || sums[0] == 0.0 {
        return Err(Undefined("no weekend and weekday to compare"));
    }
    Ok(sums[1] / counts[1] / (sums[0] / counts[0]))
}
