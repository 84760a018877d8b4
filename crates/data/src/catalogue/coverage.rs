//! How much of a span of time is there, and exactly what is not.
//!
//! It refuses to call a span complete that has a hole inside one of its files.

use super::Entry;
use super::key::{Kind, Period, Series};
use model::{Interval, Time};
use std::fmt;

/// Time from an instant to another, the second not included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// First instant.
    pub from: Time,
    /// First instant no longer in it.
    pub to: Time,
}

impl Span {
    /// The part of it that lies in another.
    fn within(self, other: Span) -> Option<Span> {
        let (from, to) = (self.from.max(other.from), self.to.min(other.to));
        (from < to).then_some(Span { from, to })
    }
}

impl From<Period> for Span {
    fn from(period: Period) -> Span {
        Span { from: period.start(), to: period.end() }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_midnight = |time: Time| time.time_of_day_ms() == 0;
        if !is_midnight(self.from) || !is_midnight(self.to) {
            return write!(f, "{} to {}", self.from, self.to);
        }
        let (first, last) = (Period::day_of(self.from), Period::day_of(Time(self.to.0 - 1)));
        if first == last { write!(f, "{first}") } else { write!(f, "{first} to {last}") }
    }
}

/// How much of a span is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Rows that a complete span has; of funding, slots that have an instant.
    pub slots: i64,
    /// How many of them are there.
    pub filled: i64,
    /// Where they are not, neighbours joined.
    pub missing: Vec<Span>,
}

impl Coverage {
    /// Of a span, from the files of a series in the order of time.
    pub fn of(series: &Series, entries: &[Entry], wanted: Span) -> Coverage {
        let mut missing: Vec<Span> = Vec::new();
        let mut lacks = |span: Span| {
            if let Some(span) = span.within(wanted) {
                match missing.last_mut().filter(|last| last.to == span.from) {
                    Some(last) => last.to = span.to,
                    None => missing.push(span),
                }
            }
        };
        let mut known_to = wanted.from;
        for entry in entries {
            lacks(Span { from: known_to, to: entry.period.start().max(known_to) });
            entry.manifest.holes.iter().for_each(|hole| lacks(*hole));
            known_to = known_to.max(entry.period.end());
        }
        lacks(Span { from: known_to, to: wanted.to.max(known_to) });
        let slots = |span: &Span| (span.to - span.from).0 / series.interval.0;
        let lacking: i64 = missing.iter().map(slots).sum();
        Coverage { slots: slots(&wanted), filled: slots(&wanted) - lacking, missing }
    }

    /// Whether nothing is missing.
    pub fn is_complete(&self) -> bool {
        self.missing.is_empty()
    }

    /// The share that is there, in per cent, never rounded up to a hundred.
    pub fn percent(&self) -> f64 {
        if self.slots == 0 {
            return 100.0;
        }
        let hundredths = 10_000 * self.filled / self.slots;
        hundredths as f64 / 100.0
    }
}

/// Where a period has no rows: `times` ascend and lie in it.
pub fn holes(kind: Kind, interval: Interval, period: Period, times: &[Time]) -> Vec<Span> {
    let mut holes: Vec<Span> = Vec::new();
    let mut known_to = period.start();
    for &time in times {
        // A funding instant holds the slot it lies in, whichever part of it that is.
        let slot = if kind == Kind::Funding { time.floor(interval) } else { time };
        if slot > known_to {
            holes.push(Span { from: known_to, to: slot });
        }
        known_to = known_to.max(slot + interval);
    }
    if known_to < period.end() {
        holes.push(Span { from: known_to, to: period.end() });
    }
    holes
}

#[cfg(test)]
mod tests {
    use super::super::key::Origin;
    use super::*;
    use crate::catalogue::{Manifest, Provenance};

    fn entry(name: &str, holes: Vec<Span>) -> Entry {
        let period = Period::from_name(name).unwrap();
        let manifest = Manifest {
            rows: 1,
            first: period.start(),
            last: period.start(),
            holes,
            bytes: 1,
            sha256: String::new(),
            provenance: Provenance::default(),
        };
        Entry { period, file: name.into(), manifest }
    }

    #[test]
    fn what_is_missing_is_said_to_the_minute() {
        let series = Series::new(Origin::Binance, "BTCUSDT", Kind::Bars, Interval::MINUTE).unwrap();
        let day = |name: &str| Period::from_name(name).unwrap();
        let noon = Span {
            from: day("2024-01-03").start() + Interval(12 * Interval::HOUR.0),
            to: day("2024-01-03").start() + Interval(13 * Interval::HOUR.0),
        };
        let entries = [
            entry("2024-01-02", vec![]),
            entry("2024-01-03", vec![noon]),
            entry("2024-01-06", vec![]),
            entry("2024-02", vec![]),
        ];
        let wanted = Span { from: day("2024-01-01").start(), to: day("2024-02-10").end() };
        let coverage = Coverage::of(&series, &entries, wanted);
        let said: Vec<String> = coverage.missing.iter().map(Span::to_string).collect();
        let noon = "2024-01-03T12:00:00Z to 2024-01-03T13:00:00Z";
        assert_eq!(said, ["2024-01-01", noon, "2024-01-04 to 2024-01-05", "2024-01-07 to 2024-01-31"]);
        assert_eq!(coverage.slots, 41 * 1_440);
        assert_eq!(coverage.filled, (41 - 1 - 2 - 25) * 1_440 - 60);
        let almost = Coverage { slots: 1_000_000, filled: 999_999, missing: vec![wanted] };
        assert!(almost.percent() < 100.0);
        assert!(Coverage::of(&series, &entries[..1], day("2024-01-02").into()).is_complete());
    }

    #[test]
    fn holes_of_bars_and_of_funding() {
        let period = Period::from_name("2024-01-02").unwrap();
        let at = |hour: i64| period.start() + Interval(hour * Interval::HOUR.0);
        let of = |kind, interval, hours: &[i64]| {
            let times: Vec<Time> = hours.iter().map(|&hour| at(hour)).collect();
            holes(kind, interval, period, &times)
        };
        let every: Vec<i64> = (0..24).collect();
        assert_eq!(of(Kind::Bars, Interval::HOUR, &every), []);
        let span = |from, to| Span { from: at(from), to: at(to) };
        assert_eq!(of(Kind::Mark, Interval::HOUR, &every[1..5]), [span(0, 1), span(5, 24)]);
        let slot = super::super::key::FUNDING_SLOT;
        assert_eq!(of(Kind::Funding, slot, &[0, 4, 8, 12, 16, 20]), []);
        assert_eq!(of(Kind::Funding, slot, &[0, 20]), [span(8, 16)]);
        assert_eq!(of(Kind::Funding, slot, &[]), [span(0, 24)]);
    }
}
