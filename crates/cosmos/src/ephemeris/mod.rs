//! Positions on the sky as functions of time: the Moon's elongation and phases, Mercury's apparent longitude and
//! stations.
//!
//! Good for 1950 to 2100 ([`covers`]): the Moon to about 10 arcseconds, phases to about 20 seconds of time, stations of
//! Mercury to about a minute. Every function gives the same bits on every machine. It refuses risings, settings and
//! anything else that depends on where on Earth one stands.

pub mod calendar;
pub mod mercury;
pub mod moon;
pub mod timescale;

mod earth_terms;
mod mercury_terms;
mod nutation;
mod sun;
mod vsop87;

use model::Time;

/// The first instant that the series were cut for: 1950-01-01.
pub const FROM: Time = Time(-631_152_000_000);
/// The first instant they are no longer good for: 2101-01-01.
pub const TO: Time = Time(4_133_980_800_000);

/// Whether the ephemeris is good at this instant.
pub fn covers(at: Time) -> bool {
    (FROM..TO).contains(&at)
}

/// Nutation in longitude, deg: what an apparent longitude has and a mean one has not.
pub fn nutation_deg(at: Time) -> f64 {
    nutation::in_longitude_rad(timescale::centuries(at)).to_degrees()
}

/// The first whole second in `(from, to]` from which on `reached` holds, which it does at `to` and not at `from`.
/// Both lie on whole seconds of a fixed grid, so the answer does not depend on who asks.
fn first_second(from: Time, to: Time, reached: impl Fn(Time) -> bool) -> Time {
    let (mut before, mut after) = (from.0.div_euclid(1_000), to.0.div_euclid(1_000));
    while after - before > 1 {
        let middle = before + (after - before) / 2;
        if reached(Time(middle * 1_000)) {
            after = middle;
        } else {
            before = middle;
        }
    }
    Time(after * 1_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_is_what_it_says() {
        assert_eq!(Some(FROM), Time::from_date(1950, 1, 1));
        assert_eq!(Some(TO), Time::from_date(2101, 1, 1));
        assert!(covers(FROM) && !covers(TO));
    }

    #[test]
    fn a_second_is_found() {
        for wanted in [1, 2, 777, 3_599, 3_600] {
            assert_eq!(
                first_second(Time(0), Time(3_600_000), |at| at.0 >= wanted * 1_000),
                Time(wanted * 1_000)
            );
        }
    }
}
