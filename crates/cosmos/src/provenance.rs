//! Where each influence of an instant comes from, for people: value, unit, source, age, band, or why there is none.
//!
//! It refuses to leave a factor out: what is absent is listed with the reason.

use crate::banding::{self, Felt};
use crate::ephemeris::mercury::Motion;
use crate::ephemeris::moon::Phase;
use crate::factor::Factor;
use crate::series::Silence;
use crate::sky::Sky;
use model::{Interval, Time};
use std::fmt;

/// One factor at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// Which.
    pub factor: Factor,
    /// What is known, or why nothing is.
    pub state: Result<Observation, Absence>,
}

/// What is known of a factor.
#[derive(Clone, Debug, PartialEq)]
pub struct Observation {
    /// In its unit.
    pub value: f64,
    /// What the value counts.
    pub unit: String,
    /// Who measured, or how it was worked out.
    pub source: String,
    /// From when on it was known; `None` for what is worked out, which is known for all times.
    pub available_at: Option<Time>,
    /// How long it has been known.
    pub age: Option<Interval>,
    /// The name of its band.
    pub band: &'static str,
    /// What it would do, before weights.
    pub effect: f64,
}

/// Why a factor is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Absence {
    /// It is switched off.
    Off,
    /// Nobody named a series.
    NoSource,
    /// The almanac does not reach there.
    OutsideAlmanac,
    /// A series that is silent.
    Silent(Silence),
    /// Too few values before this one to judge it by.
    TooShort,
}

impl fmt::Display for Absence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Absence::Off => f.write_str("switched off"),
            Absence::NoSource => f.write_str("no source named"),
            Absence::OutsideAlmanac => f.write_str("outside the almanac"),
            Absence::Silent(Silence::NotYet { first_available_at }) => {
                write!(f, "nothing known before {first_available_at}")
            }
            Absence::Silent(Silence::Stale { last_available_at }) => {
                write!(f, "stale: the last value is of {last_available_at}")
            }
            Absence::TooShort => f.write_str("too few values before it to judge it by"),
        }
    }
}

impl Sky {
    /// Where each factor stands at `now`, all eight in their order.
    pub fn provenance(&self, now: Time) -> Vec<Provenance> {
        let of = |factor| Provenance { factor, state: self.observe(factor, now) };
        Factor::ALL.into_iter().map(of).collect()
    }

    fn observe(&self, factor: Factor, now: Time) -> Result<Observation, Absence> {
        if !self.factors().contains(factor) {
            return Err(Absence::Off);
        }
        let at = self.read_at(factor, now);
        let state = match factor {
            Factor::Moon => {
                let elongation = self.almanac().and_then(|almanac| almanac.elongation_deg(at));
                let elongation = elongation.ok_or(Absence::OutsideAlmanac)?;
                let band = Phase::of_elongation(elongation).name();
                computed(elongation, "deg from the Sun", EPHEMERIS, band, banding::moon(elongation))
            }
            Factor::Mercury => {
                let motion = self.almanac().and_then(|almanac| almanac.mercury(at));
                let motion = motion.ok_or(Absence::OutsideAlmanac)?;
                let retrograde = if motion == Motion::Retrograde { 1.0 } else { 0.0 };
                computed(retrograde, "1 while retrograde", EPHEMERIS, motion.name(), retrograde)
            }
            Factor::Season => {
                let latitude_deg = self.coordinates().latitude_deg();
                let effect = banding::season(at, latitude_deg);
                let band = banding::season_name(at, latitude_deg);
                computed(latitude_deg, "deg latitude", "date and latitude", band, effect)
            }
            Factor::Circadian => {
                let hour = banding::local_hour(at, self.coordinates().longitude_deg());
                let band = banding::part_of_day(hour);
                computed(hour, "local solar hour", "time and longitude", band, banding::circadian(hour))
            }
            Factor::Schumann | Factor::Kp | Factor::Liquidity | Factor::Sentiment => {
                return self.read(factor, at);
            }
        };
        Ok(state)
    }

    fn read(&self, factor: Factor, at: Time) -> Result<Observation, Absence> {
        let series = self.series(factor).ok_or(Absence::NoSource)?;
        let reading = series.reading(at).map_err(Absence::Silent)?;
        let Felt { effect, band } = reading.felt.ok_or(Absence::TooShort)?;
        Ok(Observation {
            value: reading.value,
            unit: series.terms().unit.clone(),
            source: series.terms().source.clone(),
            available_at: Some(reading.available_at),
            age: Some(at - reading.available_at),
            band,
            effect,
        })
    }
}

const EPHEMERIS: &str = "ephemeris (VSOP87D, Meeus)";

fn computed(value: f64, unit: &str, source: &str, band: &'static str, effect: f64) -> Observation {
    let (unit, source) = (unit.to_owned(), source.to_owned());
    Observation { value, unit, source, available_at: None, age: None, band, effect }
}
