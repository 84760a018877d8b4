//! Behaviour by the calendar: the same metrics on the trades of each quarter, so that learning and wearing out can be seen.
//!
//! A trade belongs to the period in which it was entered, since that is when it was decided. What looks back from a trade
//! to the one before (chasing, haste) starts afresh with each period. It refuses the metrics that are made of counted
//! occasions: a count has no date; callers that keep one per period evaluate those themselves.

use model::Time;

use crate::Undefined;
use crate::behaviour::{BEHAVIOURS, LivedTrade, Observations, Occasions, Source};

/// A stretch of the UTC calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    /// January, February, ...
    Month,
    /// From the first of January, April, July and October.
    Quarter,
    /// From the first of January.
    Year,
}

impl Period {
    /// Whole months.
    pub const fn months(self) -> i64 {
        match self {
            Period::Month => 1,
            Period::Quarter => 3,
            Period::Year => 12,
        }
    }

    /// Start of the period that holds this instant.
    pub fn start(self, at: Time) -> Time {
        let (year, month, _) = at.date();
        first_of(year, month - (month - 1) % self.months())
    }

    /// Start of the period after the one that holds this instant.
    pub fn next_start(self, at: Time) -> Time {
        let (year, month, _) = self.start(at).date();
        let months = month - 1 + self.months();
        first_of(year + months / 12, months % 12 + 1)
    }

    /// `2024-05`, `2024 Q2`, `2024`.
    pub fn name(self, at: Time) -> String {
        let (year, month, _) = at.date();
        match self {
            Period::Month => format!("{year}-{month:02}"),
            Period::Quarter => format!("{year} Q{}", (month - 1) / 3 + 1),
            Period::Year => year.to_string(),
        }
    }
}

fn first_of(year: i64, month: i64) -> Time {
    Time::from_date(year, month, 1).expect("trades lie in the years 0 to 9998")
}

/// The behaviour of one period.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// Start of the period, midnight UTC.
    pub start: Time,
    /// Trades entered in it.
    pub trades: usize,
    /// The metrics that look at trades, under their keys, in the order of [`BEHAVIOURS`].
    pub figures: Vec<(&'static str, Result<f64, Undefined>)>,
}

/// One row per period from the first trade's to the last one's; a period without trades is a row that says so.
pub fn over_time(trades: &[LivedTrade], period: Period) -> Vec<Row> {
    let Some(first) = trades.first() else { return Vec::new() };
    let mut rows = Vec::new();
    let mut start = period.start(first.entered_at);
    let mut rest = trades;
    while !rest.is_empty() {
        let end = period.next_start(start);
        let (inside, after) = rest.split_at(rest.iter().take_while(|trade| trade.entered_at < end).count());
        rows.push(row(start, inside));
        rest = after;
        start = end;
    }
    assert_eq!(rows.iter().map(|row| row.trades).sum::<usize>(), trades.len(), "each trade is in one period");
    rows
}

fn row(start: Time, trades: &[LivedTrade]) -> Row {
    let seen = Observations { occasions: Occasions::default(), trades };
    let of_trades = BEHAVIOURS.iter().filter(|behaviour| behaviour.source == Source::Trades);
    let figures = of_trades.map(|behaviour| (behaviour.key, behaviour.evaluate(&seen))).collect();
    Row { start, trades: trades.len(), figures }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_begin_where_the_calendar_says() {
        let day = |year, month, day| Time::from_date(year, month, day).expect("a date");
        let at = Time(day(2023, 11, 17).0 + 5);
        assert_eq!(Period::Month.start(at), day(2023, 11, 1));
        assert_eq!(Period::Quarter.start(at), day(2023, 10, 1));
        assert_eq!(Period::Year.start(at), day(2023, 1, 1));
        assert_eq!(Period::Month.next_start(day(2023, 12, 31)), day(2024, 1, 1));
        assert_eq!(Period::Quarter.next_start(at), day(2024, 1, 1));
        assert_eq!(Period::Quarter.next_start(day(2024, 1, 1)), day(2024, 4, 1));
        assert_eq!(Period::Year.next_start(at), day(2024, 1, 1));
        let names = [Period::Month, Period::Quarter, Period::Year].map(|period| period.name(at));
        assert_eq!(names, ["2023-11", "2023 Q4", "2023"]);
    }
}
