//! Mercury as seen from the Earth's centre: apparent longitude, the way it moves, and the stations at which it turns.
//!
//! It refuses to call slow motion retrograde: the sign of the longitude's rate decides, nothing else.

use super::calendar::{Event, EventKind};
use super::earth_terms::EARTH;
use super::mercury_terms::MERCURY;
use super::{first_second, nutation, sun, timescale};
use crate::ephemeris::moon::on_circle;
use model::math::atan2;
use model::{Interval, Time};

/// Light takes so many days for an AU.
const LIGHT_DAYS_PER_AU: f64 = 0.005_775_518_3;
/// Half the base of the numerical derivative: one hour, in Julian centuries.
const HALF_BASE_CENTURIES: f64 = 1.0 / 24.0 / timescale::CENTURY_DAYS;
/// The brackets in which stations are searched: two stations are at least 18 days apart.
const BRACKET: Interval = Interval(8 * Interval::DAY.0);

/// Which way it goes along the ecliptic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Motion {
    /// Eastward, as usual.
    Direct,
    /// Westward.
    Retrograde,
}

impl Motion {
    /// As one says it.
    pub const fn name(self) -> &'static str {
        match self {
            Motion::Direct => "direct",
            Motion::Retrograde => "retrograde",
        }
    }

    /// The other way.
    #[must_use]
    pub const fn turned(self) -> Motion {
        match self {
            Motion::Direct => Motion::Retrograde,
            Motion::Retrograde => Motion::Direct,
        }
    }
}

/// From the Earth to Mercury in AU, both where they were at this time.
fn from_earth(centuries: f64) -> [f64; 3] {
    let (mercury, earth) = (MERCURY.rectangular(centuries / 10.0), EARTH.rectangular(centuries / 10.0));
    [mercury[0] - earth[0], mercury[1] - earth[1], mercury[2] - earth[2]]
}

/// How long light from Mercury is under way, in Julian centuries.
fn light_time_centuries(centuries: f64) -> f64 {
    let [x, y, z] = from_earth(centuries);
    (x * x + y * y + z * z).sqrt() * LIGHT_DAYS_PER_AU / timescale::CENTURY_DAYS
}

/// Apparent longitude in -pi..=pi. Mercury and the Earth both are taken where they were when the light left: that is
/// light-time and aberration together (Meeus, chapter 33).
fn longitude_rad(centuries: f64, light_time: f64) -> f64 {
    let [x, y, _] = from_earth(centuries - light_time);
    atan2(y, x) + nutation::in_longitude_rad(centuries) + sun::FK5_RAD
}

/// Apparent geocentric longitude, true equinox of date, 0..360 deg, to about an arcsecond.
pub fn longitude_deg(at: Time) -> f64 {
    let centuries = timescale::centuries(at);
    on_circle(longitude_rad(centuries, light_time_centuries(centuries)).to_degrees())
}

/// How fast the apparent longitude grows, deg a day. The light-time is held over the two hours looked at, which changes
/// the rate by a ten-thousandth and its sign not at all.
pub fn longitude_rate_deg_per_day(at: Time) -> f64 {
    let centuries = timescale::centuries(at);
    let light_time = light_time_centuries(centuries);
    let before = longitude_rad(centuries - HALF_BASE_CENTURIES, light_time);
    let after = longitude_rad(centuries + HALF_BASE_CENTURIES, light_time);
    let turn = std::f64::consts::TAU;
    let grown = (after - before + turn / 2.0).rem_euclid(turn) - turn / 2.0;
    grown.to_degrees() * 12.0
}

/// Which way it goes.
pub fn motion(at: Time) -> Motion {
    if longitude_rate_deg_per_day(at) < 0.0 { Motion::Retrograde } else { Motion::Direct }
}

/// The stations from an instant on, without end, ascending.
pub fn stations(from: Time) -> impl Iterator<Item = Event> {
    let first = from.floor(BRACKET);
    let mut going = motion(first);
    (0..)
        .filter_map(move |bracket| {
            let start = first + Interval(bracket * BRACKET.0);
            let next = motion(start + BRACKET);
            if next == going {
                return None;
            }
            going = next;
            let time = first_second(start, start + BRACKET, |at| motion(at) == next);
            let kind = match next {
                Motion::Direct => EventKind::MercuryStationDirect,
                Motion::Retrograde => EventKind::MercuryStationRetrograde,
            };
            Some(Event { time, kind })
        })
        .skip_while(move |event| event.time < from)
}
