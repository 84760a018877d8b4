//! Instants and intervals in UTC milliseconds. There is no clock here: time comes from events.

use std::fmt;

/// An instant: milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

/// A length of time in milliseconds; as the interval of a bar it is positive.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Interval(pub i64);

impl Interval {
    /// One second.
    pub const SECOND: Interval = Interval(1_000);
    /// One minute.
    pub const MINUTE: Interval = Interval(60_000);
    /// One hour.
    pub const HOUR: Interval = Interval(3_600_000);
    /// One day.
    pub const DAY: Interval = Interval(86_400_000);

    /// `n` minutes.
    pub const fn minutes(n: i64) -> Interval {
        Interval(n * 60_000)
    }
}

/// A trading session: a quarter of a UTC day, from 00, 06, 12 and 18 hours.
pub const SESSION: Interval = Interval(6 * Interval::HOUR.0);

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0;
        match ms {
            _ if ms % 86_400_000 == 0 => write!(f, "{}d", ms / 86_400_000),
            _ if ms % 3_600_000 == 0 => write!(f, "{}h", ms / 3_600_000),
            _ if ms % 60_000 == 0 => write!(f, "{}m", ms / 60_000),
            _ if ms % 1_000 == 0 => write!(f, "{}s", ms / 1_000),
            _ => write!(f, "{ms}ms"),
        }
    }
}

impl Time {
    /// The start of the `interval`-long slot (aligned to the epoch, so to UTC) that holds this instant.
    pub const fn floor(self, interval: Interval) -> Time {
        Time(self.0.div_euclid(interval.0) * interval.0)
    }

    /// Days since the epoch.
    pub const fn day(self) -> i64 {
        self.0.div_euclid(Interval::DAY.0)
    }

    /// Milliseconds since UTC midnight.
    pub const fn time_of_day_ms(self) -> i64 {
        self.0.rem_euclid(Interval::DAY.0)
    }

    /// Midnight UTC of a proleptic Gregorian date; `None` if there is no such date.
    pub fn from_date(year: i64, month: i64, day: i64) -> Option<Time> {
        if !(1..=12).contains(&month) || day < 1 || !(0..=9999).contains(&year) {
            return None;
        }
        let days = days_from_civil(year, month, day);
        (civil_from_days(days) == (year, month, day)).then_some(Time(days * Interval::DAY.0))
    }

    /// Year, month, day of this instant in UTC.
    pub fn date(self) -> (i64, i64, i64) {
        civil_from_days(self.day())
    }
}

// Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": eras of 400 years, years starting in March.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let y = if month <= 2 { year - 1 } else { year };
    let era = y.div_euclid(400);
    let year_of_era = y.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1_460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// RFC 3339 in UTC; milliseconds only where there are any.
impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (y, m, d) = self.date();
        let ms = self.time_of_day_ms();
        let (h, min, s, milli) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
        write!(f, "{y:04}-{m:02}-{d:02}T{h:02}:{min:02}:{s:02}")?;
        if milli != 0 {
            write!(f, ".{milli:03}")?;
        }
        f.write_str("Z")
    }
}

impl std::ops::Add<Interval> for Time {
    type Output = Time;
    fn add(self, by: Interval) -> Time {
        Time(self.0 + by.0)
    }
}
impl std::ops::Sub<Interval> for Time {
    type Output = Time;
    fn sub(self, by: Interval) -> Time {
        Time(self.0 - by.0)
    }
}
impl std::ops::Sub for Time {
    type Output = Interval;
    fn sub(self, other: Time) -> Interval {
        Interval(self.0 - other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_round_trip_over_four_centuries() {
        for days in (-20_000..150_000).step_by(13) {
            let t = Time(days * Interval::DAY.0);
            let (y, m, d) = t.date();
            assert_eq!(Time::from_date(y, m, d), Some(t));
        }
        assert_eq!(Time::from_date(2023, 2, 29), None);
        assert_eq!(Time::from_date(2024, 13, 1), None);
        assert_eq!(Time(1_640_995_200_000).to_string(), "2022-01-01T00:00:00Z");
        assert_eq!(Time(1_640_995_200_007).to_string(), "2022-01-01T00:00:00.007Z");
    }
}
