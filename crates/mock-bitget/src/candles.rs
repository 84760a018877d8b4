//! Candles of every length, added up from minutes.
//!
//! From six hours on a length has two names: plain, whose days begin at midnight in UTC+8, and `utc`. Both are made
//! here from the same minutes. Refuses to know a length the exchange has not.

use crate::tape::Tape;
use model::{Interval, Price, Time};

/// Hours between the exchange's midnight and UTC's.
const EAST: i64 = 8 * Interval::HOUR.0;

/// How time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cut {
    Every(i64),
    /// From Monday to Monday.
    Week,
    /// Calendar months.
    Month,
}

/// A length of candles, and where its days begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Granularity {
    cut: Cut,
    /// Added before cutting.
    shift: i64,
    /// How far back `candles` reaches.
    back: Interval,
}

/// A candle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Candle<P> {
    pub(crate) open_time: Time,
    pub(crate) open: P,
    pub(crate) high: P,
    pub(crate) low: P,
    pub(crate) close: P,
    pub(crate) volume: f64,
    pub(crate) turnover: f64,
}

/// Which candles are asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from: Option<Time>,
    pub(crate) to: Option<Time>,
    pub(crate) rows_max: usize,
}

const MINUTE: i64 = Interval::MINUTE.0;
const HOUR: i64 = Interval::HOUR.0;
const DAY: i64 = Interval::DAY.0;
/// Name, length, days of look-back; those of six hours and more exist with `utc` too.
const LENGTHS: [(&str, Cut, i64); 14] = [
    ("1m", Cut::Every(MINUTE), 30),
    ("3m", Cut::Every(3 * MINUTE), 30),
    ("5m", Cut::Every(5 * MINUTE), 30),
    ("15m", Cut::Every(15 * MINUTE), 52),
    ("30m", Cut::Every(30 * MINUTE), 62),
    ("1H", Cut::Every(HOUR), 83),
    ("2H", Cut::Every(2 * HOUR), 120),
    ("4H", Cut::Every(4 * HOUR), 240),
    ("6H", Cut::Every(6 * HOUR), 360),
    ("12H", Cut::Every(12 * HOUR), 720),
    ("1D", Cut::Every(DAY), 1_440),
    ("3D", Cut::Every(3 * DAY), 1_440),
    ("1W", Cut::Week, 1_440),
    ("1M", Cut::Month, 1_440),
];
/// 1970-01-01 was a Thursday.
const THURSDAY: i64 = 3 * DAY;

impl Granularity {
    /// The length of a name.
    pub(crate) fn of(name: &str) -> Option<Granularity> {
        let (bare, utc) = name.strip_suffix("utc").map_or((name, false), |bare| (bare, true));
        let (_, cut, days) = LENGTHS.iter().find(|length| length.0 == bare)?;
        let long = !matches!(cut, Cut::Every(ms) if *ms < 6 * HOUR);
        if utc && !long {
            return None;
        }
        let shift = if long && !utc { EAST } else { 0 };
        Some(Granularity { cut: *cut, shift, back: Interval(days * DAY) })
    }

    pub(crate) fn look_back(self) -> Interval {
        self.back
    }

    /// When the candle that holds an instant opened.
    pub(crate) fn slot(self, at: Time) -> Time {
        let shifted = at.0 + self.shift;
        let start = match self.cut {
            Cut::Every(ms) => shifted.div_euclid(ms) * ms,
            Cut::Week => (shifted + THURSDAY).div_euclid(7 * DAY) * 7 * DAY - THURSDAY,
            Cut::Month => {
                let (year, month, _) = Time(shifted).date();
                Time::from_date(year, month, 1).expect("a month has a first day").0
            }
        };
        Time(start - self.shift)
    }

    /// When it closes.
    pub(crate) fn end(self, slot: Time) -> Time {
        match self.cut {
            Cut::Every(ms) => slot + Interval(ms),
            Cut::Week => slot + Interval(7 * DAY),
            // A month has at most 31 days, and 31 days on lies in the next one.
            Cut::Month => self.slot(slot + Interval(31 * DAY)),
        }
    }

    fn longest(self) -> i64 {
        match self.cut {
            Cut::Every(ms) => ms,
            Cut::Week => 7 * DAY,
            Cut::Month => 31 * DAY,
        }
    }

    /// The candles of a window, oldest first: the last ones before its end, or the first ones from its start if it has
    /// no end. The last may be open.
    pub(crate) fn candles(self, tape: &Tape, window: Window) -> Vec<Candle<Price>> {
        let last = window.to.unwrap_or(Time(i64::MAX)).min(tape.now());
        let span = Interval((window.rows_max as i64 + 1).saturating_mul(self.longest()));
        let asked = window.from.unwrap_or(Time(i64::MIN));
        let first = match (window.from, window.to) {
            (Some(from), None) => from,
            _ => asked.max(last - span),
        };
        let until = if window.to.is_none() { last.min(first + span) } else { last };
        let mut rows: Vec<Candle<Price>> = Vec::new();
        let mut end = Time(i64::MIN);
        for minute in tape.minutes_between(self.slot(first), until) {
            let turnover = minute.volume * tape.price_f64((minute.open + minute.close).0) / 2.0;
            if minute.open_time < end {
                let row = rows.last_mut().expect("a candle that ends was begun");
                row.high = row.high.max(minute.high);
                row.low = row.low.min(minute.low);
                row.close = minute.close;
                row.volume += minute.volume;
                row.turnover += turnover;
            } else {
                let open_time = self.slot(minute.open_time);
                end = self.end(open_time);
                rows.push(Candle {
                    open_time,
                    open: minute.open,
                    high: minute.high,
                    low: minute.low,
                    close: minute.close,
                    volume: minute.volume,
                    turnover,
                });
            }
        }
        rows.retain(|row| row.open_time >= asked && row.open_time <= last);
        let excess = rows.len().saturating_sub(window.rows_max);
        match (window.from, window.to) {
            (Some(_), None) => rows.truncate(window.rows_max),
            _ => drop(rows.drain(..excess)),
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn slot(name: &str, at: Time) -> String {
        Granularity::of(name).unwrap().slot(at).to_string()
    }

    #[test]
    fn days_begin_twice() {
        // 2025-10-09 was a Thursday.
        let at = Time::from_date(2025, 10, 9).unwrap() + Interval(17 * HOUR + 5 * MINUTE);
        for (name, want) in [
            ("15m", "2025-10-09T17:00:00Z"),
            ("4H", "2025-10-09T16:00:00Z"),
            ("6H", "2025-10-09T16:00:00Z"),
            ("6Hutc", "2025-10-09T12:00:00Z"),
            ("1D", "2025-10-09T16:00:00Z"),
            ("1Dutc", "2025-10-09T00:00:00Z"),
            ("1W", "2025-10-05T16:00:00Z"),
            ("1Wutc", "2025-10-06T00:00:00Z"),
            ("1M", "2025-09-30T16:00:00Z"),
            ("1Mutc", "2025-10-01T00:00:00Z"),
        ] {
            assert_eq!(slot(name, at), want, "{name}");
        }
        let month = Granularity::of("1Mutc").unwrap();
        let october = month.slot(at);
        assert_eq!(month.end(october).to_string(), "2025-11-01T00:00:00Z");
        for name in ["1h", "15mutc", "2D", ""] {
            assert!(Granularity::of(name).is_none(), "{name}");
        }
    }
}
