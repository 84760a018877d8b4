//! Sessions: four quarters of a UTC day, numbered from the farm's first day. Fibonacci numbers among them are
//! checkpoints.
//!
//! It refuses to own a clock: sessions end when bars or events have passed their end.

use model::{Interval, Time, time::SESSION};

/// Sessions of one day.
pub const SESSIONS_PER_DAY: i64 = 4;

/// One session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// 4 x (day - 1) + 1..4, day 1 being the farm's first day.
    pub number: u32,
    /// Its first instant.
    pub start: Time,
}

model::value!(Session { number, start });

impl Session {
    /// The session that holds `now`, of a farm whose first day holds `first`.
    pub fn at(first: Time, now: Time) -> Session {
        assert!(now >= first.floor(SESSION), "a farm has no session before its first");
        let start = now.floor(SESSION);
        let since = start - first.floor(Interval::DAY);
        let number = u32::try_from(since.0 / SESSION.0 + 1).expect("a farm lives less than a million years");
        Session { number, start }
    }

    /// The first instant after it.
    pub fn end(&self) -> Time {
        self.start + SESSION
    }

    /// The farm's day it belongs to, from 1.
    pub fn day(&self) -> u32 {
        (self.number - 1) / SESSIONS_PER_DAY as u32 + 1
    }

    /// Its place in the day, 1..=4.
    pub fn of_day(&self) -> u32 {
        (self.number - 1) % SESSIONS_PER_DAY as u32 + 1
    }

    /// Whether it is a Fibonacci checkpoint: 1, 2, 3, 5, 8, 13, without end.
    pub fn is_checkpoint(&self) -> bool {
        is_fibonacci(self.number)
    }
}

fn is_fibonacci(n: u32) -> bool {
    let (mut a, mut b) = (1_u64, 2_u64);
    while a < u64::from(n) {
        (a, b) = (b, a + b);
    }
    a == u64::from(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_are_quarters_of_utc_days_from_the_first() {
        let noon = Time(Interval::DAY.0 * 100 + 13 * Interval::HOUR.0);
        let first = Session::at(noon, noon);
        assert_eq!((first.number, first.day(), first.of_day()), (3, 1, 3));
        assert_eq!(first.end() - first.start, SESSION);
        let next = Session::at(noon, first.end());
        assert_eq!((next.number, next.of_day()), (4, 4));
        let later = Session::at(noon, noon + Interval(Interval::DAY.0 * 10));
        assert_eq!((later.number, later.day()), (43, 11));
    }

    #[test]
    fn checkpoints_are_fibonacci_without_end() {
        let numbers: Vec<u32> = (1..1_000).filter(|&n| is_fibonacci(n)).collect();
        assert_eq!(numbers, [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987]);
        assert!(is_fibonacci(1_346_269) && !is_fibonacci(1_346_270));
    }
}
