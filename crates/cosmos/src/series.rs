//! Readings of one factor that somebody measured: when each was known, until when it counts, what it would do.
//!
//! It refuses to look ahead (a value counts from the end of its interval plus the publication lag), to let an old value
//! stand in for a missing one for long, and to take an outage for a reading.

use crate::banding::{self, Felt, KP_MAX};
use crate::factor::Factor;
use crate::trailing;
use model::snapshot::{Restore, Save, State, Unreadable, Value};
use model::{Interval, Time};
use thiserror::Error;

/// Where readings come from and how they become known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// Who measured, or which file says so.
    pub source: String,
    /// What the values count.
    pub unit: String,
    /// What a value stands for: from its stamp on, so long.
    pub interval: Interval,
    /// From the end of that to when the value was known.
    pub lag: Interval,
    /// How long after that it still counts, if nothing newer is known.
    pub stale_after: Interval,
}

/// Why rows are no series. Indices are of rows, from 0.
#[derive(Clone, Debug, PartialEq, Error)]
#[allow(missing_docs, reason = "the fields are what the message prints")]
pub enum SeriesError {
    /// The sky's own motion needs no readings.
    #[error("{} is worked out, not read from a series", factor.name())]
    NotRead { factor: Factor },
    /// A reading without a source or a unit.
    #[error("readings of {} need a {what}", factor.name())]
    Unnamed { factor: Factor, what: &'static str },
    /// A length of time that is not one.
    #[error("readings of {} cannot have {what} of {length}", factor.name())]
    Length { factor: Factor, what: &'static str, length: Interval },
    /// Nothing to read.
    #[error("there are no readings of {}", factor.name())]
    Empty { factor: Factor },
    /// Goes back in time.
    #[error("row {}: {time} comes after {previous}", index + 1)]
    Unordered { index: usize, time: Time, previous: Time },
    /// Of an interval that is not over.
    #[error("a reading of {} stamped {stamp} is of an interval that is not over", factor.name())]
    Early { factor: Factor, stamp: Time },
    /// No series that could learn.
    #[error("there is no series of {} here that could learn", factor.name())]
    Absent { factor: Factor },
    /// Not a value of this factor.
    #[error("row {}: {value} is no reading of {}, which {}", index + 1, factor.name(), allowed(*factor))]
    OutOfRange { index: usize, value: f64, factor: Factor },
}

/// What values of a factor may be, in words.
const fn allowed(factor: Factor) -> &'static str {
    match factor {
        Factor::Kp => "lies between 0 and 9",
        Factor::Sentiment => "lies between 0 and 100",
        Factor::Liquidity => "is above 0",
        _ => "is finite and not below 0",
    }
}

fn is_allowed(factor: Factor, value: f64) -> bool {
    value.is_finite()
        && match factor {
            Factor::Kp => (0.0..=KP_MAX).contains(&value),
            Factor::Sentiment => (0.0..=100.0).contains(&value),
            Factor::Liquidity => value > 0.0,
            _ => value >= 0.0,
        }
}

/// One value as it is known.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Reading {
    /// What was measured.
    pub value: f64,
    /// From when on it was known.
    pub available_at: Time,
    /// What it would do; `None` while there is too little of its own past to judge it by.
    pub felt: Option<Felt>,
}

/// Why there is no reading.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Silence {
    /// The first value becomes known only then.
    NotYet {
        /// When.
        first_available_at: Time,
    },
    /// The last value became known then, too long ago.
    Stale {
        /// When.
        last_available_at: Time,
    },
}

/// Readings of one factor, ascending.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    factor: Factor,
    terms: Terms,
    available_at: Vec<Time>,
    readings: Vec<Reading>,
    duplicates_dropped: usize,
    outages_dropped: usize,
}

/// Its values by their stamps, each since the one before it; what they would do is worked out anew.
impl State for Series {
    fn save(&self, to: &mut Save) {
        let Series { factor: _, terms: _, available_at: _, readings, duplicates_dropped, outages_dropped } =
            self;
        to.length(readings.len());
        let mut before = Time::default();
        for Reading { value, available_at, felt: _ } in readings {
            let stamp = *available_at - self.terms.interval - self.terms.lag;
            (stamp - before).save(to);
            value.save(to);
            before = stamp;
        }
        duplicates_dropped.save(to);
        outages_dropped.save(to);
    }

    fn restore(&mut self, from: &mut Restore<'_>) -> Result<(), Unreadable> {
        let (length, mut before) = (from.length()?, Time::default());
        let row = |_| {
            let since = Interval::read(from)?;
            let stamp = before.0.checked_add(since.0).filter(|at| at.abs() <= STAMP_MAX.0);
            before = Time(stamp.ok_or(Unreadable("a stamp that no reading has"))?);
            Ok((before, f64::read(from)?))
        };
        let rows = (0..length).map(row).collect::<Result<_, Unreadable>>()?;
        *self = Series::new(self.factor, self.terms.clone(), rows)
            .map_err(|_| Unreadable("values that are no readings"))?;
        self.duplicates_dropped.restore(from)?;
        self.outages_dropped.restore(from)
    }
}

impl Series {
    /// A series of values by stamp (the start of what each stands for), ascending. Of several values of one stamp the
    /// last is taken; a Schumann level of 0 is an outage of the instrument and is left out. Both are counted.
    pub fn new(factor: Factor, terms: Terms, rows: Vec<(Time, f64)>) -> Result<Series, SeriesError> {
        check_terms(factor, &terms)?;
        let mut kept: Vec<(Time, f64)> = Vec::with_capacity(rows.len());
        let (mut duplicates_dropped, mut outages_dropped) = (0, 0);
        let mut previous = Time(i64::MIN);
        for (index, (time, value)) in rows.into_iter().enumerate() {
            if time < previous {
                return Err(SeriesError::Unordered { index, time, previous });
            }
            if !is_allowed(factor, value) {
                return Err(SeriesError::OutOfRange { index, value, factor });
            }
            previous = time;
            if factor == Factor::Schumann && value == 0.0 {
                outages_dropped += 1;
                continue;
            }
            if let Some(last) = kept.last_mut().filter(|last| last.0 == time) {
                last.1 = value;
                duplicates_dropped += 1;
                continue;
            }
            kept.push((time, value));
        }
        if kept.is_empty() {
            return Err(SeriesError::Empty { factor });
        }
        let felt = felt(factor, &kept, terms.interval);
        let known = |((time, value), felt): (&(Time, f64), Option<Felt>)| Reading {
            value: *value,
            available_at: *time + terms.interval + terms.lag,
            felt,
        };
        let readings: Vec<Reading> = kept.iter().zip(felt).map(known).collect();
        let available_at = readings.iter().map(|reading| reading.available_at).collect();
        Ok(Series { factor, terms, available_at, readings, duplicates_dropped, outages_dropped })
    }

    /// The series with one more value, which may be late but not early: what it stands for must be over.
    pub fn learned(&self, now: Time, stamp: Time, value: f64) -> Result<Series, SeriesError> {
        // The instant comes from outside and may be anything: nothing is added to it.
        if stamp > now - self.terms.interval {
            return Err(SeriesError::Early { factor: self.factor, stamp });
        }
        let Terms { interval, lag, .. } = self.terms;
        let row = |reading: &Reading| (reading.available_at - interval - lag, reading.value);
        let mut rows: Vec<(Time, f64)> = self.readings.iter().map(row).collect();
        let at = rows.partition_point(|(known, _)| *known <= stamp);
        rows.insert(at, (stamp, value));
        let from = rows.len().saturating_sub(READINGS_MAX);
        Series::new(self.factor, self.terms.clone(), rows.split_off(from))
    }

    /// Of which factor.
    pub fn factor(&self) -> Factor {
        self.factor
    }

    /// Where the values come from and how they became known.
    pub fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The values, ascending in when they were known.
    pub fn readings(&self) -> &[Reading] {
        &self.readings
    }

    /// Values that gave way to a later one of the same stamp.
    pub fn duplicates_dropped(&self) -> usize {
        self.duplicates_dropped
    }

    /// Zeros of an instrument that was off.
    pub fn outages_dropped(&self) -> usize {
        self.outages_dropped
    }

    /// The smallest shift in time that reads something else: its interval, for a Schumann level, which is a mean of a
    /// day already, at least a day.
    pub fn resolution(&self) -> Interval {
        match self.factor {
            Factor::Schumann => self.terms.interval.max(Interval::DAY),
            _ => self.terms.interval,
        }
    }

    /// The last value known at `now`, if it still counts.
    #[inline]
    pub fn reading(&self, now: Time) -> Result<&Reading, Silence> {
        let known = self.available_at.partition_point(|available_at| *available_at <= now);
        let Some(last) = known.checked_sub(1) else {
            return Err(Silence::NotYet { first_available_at: self.available_at[0] });
        };
        let last_available_at = self.available_at[last];
        if now - last_available_at > self.terms.stale_after {
            return Err(Silence::Stale { last_available_at });
        }
        Ok(&self.readings[last])
    }

    /// What the last value known at `now` would do, if there is one that counts and can be judged.
    #[inline]
    pub fn effect(&self, now: Time) -> Option<f64> {
        Some(self.reading(now).ok()?.felt?.effect)
    }
}

fn check_terms(factor: Factor, terms: &Terms) -> Result<(), SeriesError> {
    if !factor.is_read() {
        return Err(SeriesError::NotRead { factor });
    }
    for (what, text) in [("source", &terms.source), ("unit", &terms.unit)] {
        if text.trim().is_empty() {
            return Err(SeriesError::Unnamed { factor, what });
        }
    }
    let longest = LENGTH_MAX.0;
    for (what, length, shortest) in [
        ("an interval", terms.interval, 1),
        ("a publication lag", terms.lag, 0),
        ("a staleness limit", terms.stale_after, 1),
    ] {
        if !(shortest..=longest).contains(&length.0) {
            return Err(SeriesError::Length { factor, what, length });
        }
    }
    Ok(())
}

/// The most values that a series which is still learning keeps: the oldest go.
pub const READINGS_MAX: usize = 20_000;

/// The furthest that a stamp lies from the epoch, in a snapshot: hundreds of millennia.
const STAMP_MAX: Interval = Interval(1 << 53);

/// The longest interval, lag or limit: a year.
pub const LENGTH_MAX: Interval = Interval(366 * Interval::DAY.0);

fn felt(factor: Factor, rows: &[(Time, f64)], interval: Interval) -> Vec<Option<Felt>> {
    let banded = |levels: Vec<Option<f64>>, band: fn(f64) -> Felt| {
        levels.into_iter().map(|level| level.map(band)).collect()
    };
    let own = || rows.iter().map(|(_, value)| Some(*value)).collect();
    match factor {
        Factor::Schumann => banded(trailing::z_scores(rows, interval), banding::schumann),
        Factor::Liquidity => banded(trailing::ratios_to_median(rows, interval), banding::liquidity),
        Factor::Kp => banded(own(), banding::kp),
        Factor::Sentiment => banded(own(), banding::sentiment),
        Factor::Moon | Factor::Mercury | Factor::Season | Factor::Circadian => {
            unreachable!("the terms were checked: this factor is not read")
        }
    }
}
