//! The clock and the calendar of the market: which hours are lively, and that weekends are not.
//!
//! The figures are those of real Bitcoin futures (Binance, 2022-2023). It refuses holidays and time zones: the clock is UTC.

use model::{Interval, Time};

/// Mean absolute one-minute return of each UTC hour, relative to the average.
pub(crate) const VOLATILITY: [f64; 24] = [
    1.07, 0.96, 0.89, 0.80, 0.75, 0.76, 0.79, 0.82, 0.87, 0.83, 0.83, 0.86, 1.06, 1.23, 1.35, 1.30, 1.24,
    1.14, 1.16, 1.15, 1.09, 1.05, 1.05, 0.98,
];
/// Mean volume of each UTC hour, relative to the average.
pub(crate) const VOLUME: [f64; 24] = [
    0.94, 0.84, 0.76, 0.65, 0.61, 0.64, 0.71, 0.77, 0.87, 0.82, 0.84, 0.86, 1.24, 1.52, 1.75, 1.64, 1.47,
    1.23, 1.23, 1.17, 1.01, 0.82, 0.82, 0.77,
];
/// A weekend's volatility and volume, relative to those of a weekday.
const WEEKEND: (f64, f64) = (0.665, 0.535);

/// Factors of volatility and of volume.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Profile {
    pub volatility: f64,
    pub volume: f64,
}

/// The factors of an hour.
pub(crate) fn at(time: Time) -> Profile {
    let hour = (time.time_of_day_ms() / Interval::HOUR.0) as usize;
    let (volatility, volume) = if is_weekend(time) { WEEKEND } else { (1.0, 1.0) };
    Profile { volatility: VOLATILITY[hour] * volatility, volume: VOLUME[hour] * volume }
}

/// Whether it is a Saturday or a Sunday in UTC; 1970-01-01 was a Thursday.
pub(crate) fn is_weekend(time: Time) -> bool {
    matches!((time.day() + 3).rem_euclid(7), 5 | 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weekends_are_saturday_and_sunday() {
        // 2023-12-31 was a Sunday.
        let sunday = Time::from_date(2023, 12, 31).expect("a date");
        let days: Vec<bool> = (-3..3).map(|n| is_weekend(sunday + Interval(n * Interval::DAY.0))).collect();
        assert_eq!(days, [false, false, true, true, false, false]);
        assert_eq!(at(sunday + Interval(14 * Interval::HOUR.0)).volatility, 1.35 * 0.665);
    }
}
