//! Lengths of bars and instants. They refuse local time: every instant is UTC.

use super::word::unknown;
use super::{Kind, Says, Scalar, Shape, Wrong, text_of};
use model::{Interval, Time};

/// How long a bar is.
#[derive(Clone, Copy, Debug)]
pub struct BarLength;

/// Personas look at their positions every quarter of an hour, so no bar is longer.
const LENGTHS: [(&str, Interval); 4] = [
    ("1m", Interval::MINUTE),
    ("3m", Interval::minutes(3)),
    ("5m", Interval::minutes(5)),
    ("15m", Interval::minutes(15)),
];

impl Kind for BarLength {
    type Value = Interval;

    fn says(&self) -> Says {
        let choices = LENGTHS.iter().map(|(word, _)| ((*word).to_owned(), String::new())).collect();
        Says { choices, ..Says::new(Shape::Text, super::word::either(LENGTHS.iter().map(|(word, _)| *word))) }
    }

    fn read(&self, value: &Scalar<'_>) -> Result<Interval, Wrong> {
        let written = match value {
            Scalar::Whole(..) => "",
            _ => text_of(value, || self.says())?,
        };
        let found = LENGTHS.iter().find(|(word, _)| *word == written).map(|(_, length)| *length);
        let problem = || format!("is {}, which is no length of a bar", value.shown());
        let mend = || format!("write \"1m\"; {}", unknown(written, LENGTHS.iter().map(|(word, _)| *word)));
        found.ok_or_else(|| Wrong::new(problem(), mend()))
    }

    fn write(&self, value: &Interval) -> String {
        super::quoted(&value.to_string())
    }
}

/// An instant: a date, or a date and a time of day in UTC.
#[derive(Clone, Copy, Debug)]
pub struct Instant;

impl Kind for Instant {
    type Value = Time;

    fn says(&self) -> Says {
        Says::new(Shape::Text, "a date such as \"2024-01-31\", or \"2024-01-31T06:00:00Z\"")
    }

    fn read(&self, value: &Scalar<'_>) -> Result<Time, Wrong> {
        let text = match value {
            Scalar::Text(text) => text.as_ref(),
            Scalar::Instant(text) => text,
            _ => return Err(Wrong::sort(value, &self.says())),
        };
        let wrong = || {
            Wrong::new(
                format!("is {}, which is no instant", value.shown()),
                format!("write {}", self.says().takes),
            )
        };
        instant(text).ok_or_else(wrong)
    }

    fn write(&self, value: &Time) -> String {
        let (year, month, day) = value.date();
        let seconds = value.time_of_day_ms() / 1_000;
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        match seconds {
            0 => format!("\"{year:04}-{month:02}-{day:02}\""),
            _ => format!("\"{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z\""),
        }
    }
}

fn instant(text: &str) -> Option<Time> {
    let (date, time) = match text.split_once(['T', ' ']) {
        Some((date, time)) => (date, time.strip_suffix('Z')?),
        None => (text, "00:00:00"),
    };
    let [year, month, day] = three(date, '-', [4, 2, 2])?;
    let [hour, minute, second] = three(time, ':', [2, 2, 2])?;
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let midnight = Time::from_date(year, month, day)?;
    Some(Time(midnight.0 + ((hour * 60 + minute) * 60 + second) * 1_000))
}

fn three(text: &str, between: char, digits: [usize; 3]) -> Option<[i64; 3]> {
    let mut parts = text.split(between);
    let mut read = [0; 3];
    for (slot, digits) in read.iter_mut().zip(digits) {
        let part = parts.next()?;
        let plain = part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit());
        *slot = part.parse().ok().filter(|_| plain)?;
    }
    parts.next().is_none().then_some(read)
}
