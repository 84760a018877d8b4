//! Times as files write them: numbers in four units, told apart by size, or calendar text.
//!
//! It refuses to let rows of one column disagree about the unit.

use crate::limits::{TIME_MS_MAX, TIME_MS_MIN};
use model::Time;
use std::fmt;

/// How a file writes its times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TimeUnit {
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
    /// Text such as `2022-01-01 00:00:00+00:00`.
    Calendar,
}

impl fmt::Display for TimeUnit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TimeUnit::Seconds => "seconds",
            TimeUnit::Milliseconds => "milliseconds",
            TimeUnit::Microseconds => "microseconds",
            TimeUnit::Nanoseconds => "nanoseconds",
            TimeUnit::Calendar => "calendar text",
        })
    }
}

/// Why a value is not a time of its column.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoTime {
    /// Not between 2000 and 2100.
    OutOfRange,
    /// Finer than a millisecond.
    TooFine,
}

impl TimeUnit {
    /// The only unit in which `value` lies between 2000 and 2100: their ranges do not meet.
    pub(crate) fn of(value: i64) -> Option<TimeUnit> {
        [TimeUnit::Seconds, TimeUnit::Milliseconds, TimeUnit::Microseconds, TimeUnit::Nanoseconds]
            .into_iter()
            .find(|unit| unit.to_ms(value) != Err(NoTime::OutOfRange))
    }

    /// `value` in milliseconds; calendar text has been turned into them already.
    #[inline]
    pub(crate) fn to_ms(self, value: i64) -> Result<i64, NoTime> {
        let (up, down) = match self {
            TimeUnit::Seconds => (1_000, 1),
            TimeUnit::Milliseconds | TimeUnit::Calendar => (1, 1),
            TimeUnit::Microseconds => (1, 1_000),
            TimeUnit::Nanoseconds => (1, 1_000_000),
        };
        let ms = value.checked_mul(up).ok_or(NoTime::OutOfRange)?.div_euclid(down);
        if !(TIME_MS_MIN..TIME_MS_MAX).contains(&ms) {
            return Err(NoTime::OutOfRange);
        }
        if value.rem_euclid(down) != 0 { Err(NoTime::TooFine) } else { Ok(ms) }
    }
}

/// Reads `2022-01-01`, `2022-01-01 00:00`, `2022-01-01T00:00:00.000Z`, `... UTC` or with an offset; UTC where none
/// is named. `None` if it is none of them or finer than a millisecond.
pub fn parse_time(text: &str) -> Option<Time> {
    let text = text.trim();
    let (date, rest) = (text.get(..10)?, text.get(10..)?);
    let (year, month, day) = (digits(date.get(..4)?)?, digits(date.get(5..7)?)?, digits(date.get(8..)?)?);
    if date.as_bytes()[4] != b'-' || date.as_bytes()[7] != b'-' {
        return None;
    }
    let midnight = Time::from_date(year, month, day)?;
    if rest.is_empty() {
        return Some(midnight);
    }
    let rest = rest.strip_prefix(['T', 't', ' '])?;
    let (clock, offset_ms) = split_zone(rest)?;
    Some(Time(midnight.0 + time_of_day_ms(clock)? - offset_ms))
}

/// Splits the zone off and gives its offset.
fn split_zone(text: &str) -> Option<(&str, i64)> {
    for utc in ["Z", "z", " UTC", "UTC"] {
        if let Some(clock) = text.strip_suffix(utc) {
            return Some((clock, 0));
        }
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (clock, zone) = (&text[..at], text.get(at + 1..)?);
    let (hours, minutes) = match zone.len() {
        2 => (zone, "00"),
        4 => (zone.get(..2)?, zone.get(2..)?),
        5 => (zone.get(..2)?, zone.get(2..)?.strip_prefix(':')?),
        _ => return None,
    };
    let (hours, minutes) = (digits(hours)?, digits(minutes)?);
    if hours > 18 || minutes > 59 {
        return None;
    }
    let size = (hours * 60 + minutes) * 60_000;
    Some((clock.trim_end(), if text.as_bytes()[at] == b'-' { -size } else { size }))
}

fn time_of_day_ms(clock: &str) -> Option<i64> {
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = whole.split(':');
    let (hours, minutes) = (two_digits(parts.next()?)?, two_digits(parts.next()?)?);
    let seconds = parts.next().map_or(Some(0), two_digits)?;
    if parts.next().is_some() || hours > 23 || minutes > 59 || seconds > 59 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if fraction.len() > 3 {
        return None;
    }
    let thousandths = if fraction.is_empty() { 0 } else { digits(fraction)? };
    let milli = thousandths * [1_000, 100, 10, 1][fraction.len()];
    Some((hours * 60 + minutes) * 60_000 + seconds * 1_000 + milli)
}

fn two_digits(text: &str) -> Option<i64> {
    if text.len() == 2 { digits(text) } else { None }
}

fn digits(text: &str) -> Option<i64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_640_995_200_000;

    #[test]
    fn calendar_texts() {
        for (text, ms) in [
            ("2022-01-01", START),
            ("2022-01-01 00:00:00+00:00", START),
            ("2022-01-01T00:00:00Z", START),
            ("2022-01-01T08:00:00+08:00", START),
            ("2021-12-31 19:00:00-0500", START),
            ("2022-01-01 00:01", START + 60_000),
            ("2022-01-01 00:00:00 UTC", START),
            ("2022-01-01T00:00:01.250000Z", START + 1_250),
        ] {
            assert_eq!(parse_time(text), Some(Time(ms)), "{text}");
        }
        for text in [
            "",
            "2022",
            "2022-13-01",
            "2022-02-30",
            "2022-01-01x",
            "2022-01-01T",
            "2022-01-01T24:00:00",
            "2022-01-01T00:00:00.0001Z",
            "2022/01/01",
            "2022-01-01T00:00:00+19:00",
            "2022-01-01T0:00:00",
            "2022-01-01T00:00:00+é0",
            "20é2-01-01",
        ] {
            assert_eq!(parse_time(text), None, "{text}");
        }
    }

    #[test]
    fn the_size_tells_the_unit() {
        for (value, unit) in [
            (START / 1_000, Some(TimeUnit::Seconds)),
            (START, Some(TimeUnit::Milliseconds)),
            (START * 1_000, Some(TimeUnit::Microseconds)),
            (START * 1_000_000, Some(TimeUnit::Nanoseconds)),
            (START / 60_000, None),
            (0, None),
            (-START, None),
            (i64::MAX, None),
            (i64::MIN, None),
        ] {
            assert_eq!(TimeUnit::of(value), unit, "{value}");
        }
        assert_eq!(TimeUnit::Microseconds.to_ms(START * 1_000 + 1), Err(NoTime::TooFine));
    }
}
