//! The cut planetary series against all of their terms, as the crate `vsop87` has them.

#![allow(clippy::disallowed_methods, reason = "the full theory is only compared with, on this machine")]
#![allow(missing_docs, clippy::print_stdout, reason = "a test prints what it measured")]

use cosmos::ephemeris::{mercury, timescale};
use model::{Interval, Time};

const LIGHT_DAYS_PER_AU: f64 = 0.005_775_518_3;

fn rectangular(position: vsop87::SphericalCoordinates) -> [f64; 3] {
    let (longitude, latitude) = (position.longitude(), position.latitude());
    let in_plane = position.distance() * latitude.cos();
    [in_plane * longitude.cos(), in_plane * longitude.sin(), position.distance() * latitude.sin()]
}

fn from_earth(jde: f64) -> [f64; 3] {
    let (mercury, earth) =
        (rectangular(vsop87::vsop87d::mercury(jde)), rectangular(vsop87::vsop87d::earth(jde)));
    [mercury[0] - earth[0], mercury[1] - earth[1], mercury[2] - earth[2]]
}

/// Geocentric longitude of Mercury with light-time and aberration, before nutation, deg.
fn longitude_deg(at: Time) -> f64 {
    let jde = 2_440_587.5 + (at.0 as f64 / 1_000.0 + timescale::tt_minus_utc_s(at)) / 86_400.0;
    let [x, y, z] = from_earth(jde);
    let light_days = (x * x + y * y + z * z).sqrt() * LIGHT_DAYS_PER_AU;
    let [x, y, _] = from_earth(jde - light_days);
    y.atan2(x).to_degrees()
}

/// Every 37 days of the years 1950 to 2100 the cut series and all terms agree; nutation and the turn to FK5 are ours alone.
#[test]
fn mercury_to_an_arcsecond() {
    let mut worst_arcseconds: f64 = 0.0;
    let mut at = Time::from_date(1950, 1, 2).expect("a date");
    while at < Time::from_date(2100, 12, 31).expect("a date") {
        let nutation_deg = cosmos::ephemeris::nutation_deg(at);
        let off = mercury::longitude_deg(at) - nutation_deg + 0.090_33 / 3_600.0 - longitude_deg(at);
        let off = (off + 180.0).rem_euclid(360.0) - 180.0;
        worst_arcseconds = worst_arcseconds.max(off.abs() * 3_600.0);
        at = at + Interval(37 * Interval::DAY.0);
    }
    println!("worst: {worst_arcseconds:.3} arcseconds");
    assert!(worst_arcseconds < 1.0, "{worst_arcseconds}");
}
