//! Days, weeks and months in UTC.
//!
//! It refuses time zones: a farm's day ends for everybody at once.

use model::{Interval, Time};

/// How long a sum is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// Midnight to midnight.
    Day,
    /// Monday to Monday.
    Week,
    /// First to first.
    Month,
}

impl Period {
    /// All of them.
    pub const ALL: [Period; 3] = [Period::Day, Period::Week, Period::Month];

    /// As it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Period::Day => "day",
            Period::Week => "week",
            Period::Month => "month",
        }
    }

    /// The beginning of the one that holds this instant.
    pub fn start(self, at: Time) -> Time {
        let midnight = at.floor(Interval::DAY);
        let days_back = match self {
            Period::Day => 0,
            // 1970-01-01 was a Thursday.
            Period::Week => (at.day() + 3).rem_euclid(7),
            Period::Month => at.date().2 - 1,
        };
        Time(midnight.0 - days_back * Interval::DAY.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_week_begins_on_monday_and_a_month_on_its_first() {
        // A Sunday in a leap year, a millisecond before midnight.
        let at = Time(Time::from_date(2024, 3, 3).expect("a day").0 + Interval::DAY.0 - 1);
        let starts = Period::ALL.map(|period| period.start(at).to_string());
        assert_eq!(starts, ["2024-03-03T00:00:00Z", "2024-02-26T00:00:00Z", "2024-03-01T00:00:00Z"]);
        let monday = Time(at.0 + 1);
        let starts = Period::ALL.map(|period| period.start(monday).to_string());
        assert_eq!(starts, ["2024-03-04T00:00:00Z", "2024-03-04T00:00:00Z", "2024-03-01T00:00:00Z"]);
        for period in Period::ALL {
            assert!(period.start(Time(0)) <= Time(0), "{period:?}");
            assert_eq!(period.start(period.start(at)), period.start(at), "{period:?}");
        }
    }
}
