//! The sky of a range of time, worked out once, so that reading an instant of it costs nanoseconds.
//!
//! Knots and brackets lie on a grid aligned to the epoch: what an almanac says about an instant does not depend on the
//! range it was made for. It refuses to say anything about an instant outside its range.

use crate::ephemeris::calendar::{Event, EventKind};
use crate::ephemeris::mercury::{self, Motion};
use crate::ephemeris::moon::{self, KNOT, on_circle};
use crate::ephemeris::{FROM, TO};
use model::Time;
use thiserror::Error;

/// Why there is no almanac of a range.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AlmanacError {
    /// An end before its start.
    #[error("an almanac from {from} to {to} would be of nothing")]
    Empty {
        /// Its start.
        from: Time,
        /// Its end.
        to: Time,
    },
    /// Beyond the ephemeris.
    #[error("an almanac from {from} to {to} leaves the years 1950 to 2100")]
    OutOfRange {
        /// Its start.
        from: Time,
        /// Its end.
        to: Time,
    },
}

/// The Moon's elongation and Mercury's motion in `[from, to]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Almanac {
    from: Time,
    to: Time,
    first_knot: Time,
    /// Unwrapped elongations, six hours apart.
    elongations_deg: Vec<f64>,
    /// Mercury's motion at `from`.
    motion: Motion,
    stations: Vec<Event>,
}

impl Almanac {
    /// The almanac of `[from, to]`, both within [`FROM`]`..=`[`TO`].
    pub fn new(from: Time, to: Time) -> Result<Almanac, AlmanacError> {
        if from > to {
            return Err(AlmanacError::Empty { from, to });
        }
        if from < FROM || to > TO {
            return Err(AlmanacError::OutOfRange { from, to });
        }
        let first_knot = from.floor(KNOT);
        let knots = (to.0 - first_knot.0).div_euclid(KNOT.0) + 2;
        let knot = |index: i64| moon::elongation_unwrapped_deg(Time(first_knot.0 + index * KNOT.0));
        let elongations_deg: Vec<f64> = (0..knots).map(knot).collect();
        assert!(elongations_deg.is_sorted_by(|a, b| a < b), "the Moon never falls back on the Sun");
        let mut stations = mercury::stations(from).peekable();
        let next = stations.peek().expect("stations are without end").kind;
        let motion = Almanac::motion_from(next).turned();
        let stations = stations.take_while(|station| station.time <= to).collect();
        Ok(Almanac { from, to, first_knot, elongations_deg, motion, stations })
    }

    fn motion_from(station: EventKind) -> Motion {
        match station {
            EventKind::MercuryStationRetrograde => Motion::Retrograde,
            EventKind::MercuryStationDirect => Motion::Direct,
            _ => unreachable!("a list of stations holds stations only"),
        }
    }

    /// Its first and last instant.
    pub fn range(&self) -> (Time, Time) {
        (self.from, self.to)
    }

    /// Whether it says anything about this instant.
    #[inline]
    pub fn covers(&self, at: Time) -> bool {
        self.from <= at && at <= self.to
    }

    /// The Moon's elongation in 0..360 deg, within 0.005 deg of the ephemeris; `None` outside the range.
    #[inline]
    pub fn elongation_deg(&self, at: Time) -> Option<f64> {
        if !self.covers(at) {
            return None;
        }
        let since = at.0 - self.first_knot.0;
        let (index, rest) = ((since / KNOT.0) as usize, since % KNOT.0);
        let (before, after) = (self.elongations_deg[index], self.elongations_deg[index + 1]);
        Some(on_circle(before + (after - before) * (rest as f64 / KNOT.0 as f64)))
    }

    /// Which way Mercury goes; `None` outside the range.
    #[inline]
    pub fn mercury(&self, at: Time) -> Option<Motion> {
        if !self.covers(at) {
            return None;
        }
        let turns = self.stations.partition_point(|station| station.time <= at);
        Some(if turns % 2 == 0 { self.motion } else { self.motion.turned() })
    }

    /// Mercury's stations in the range, ascending, in turn one way and the other.
    pub fn stations(&self) -> &[Event] {
        &self.stations
    }
}
