//! Where the Sun appears to be: opposite the Earth of VSOP87, displaced by aberration.
//!
//! It refuses nutation: whoever compares with another body on the same equinox does not need it.

use super::earth_terms::EARTH;
use super::vsop87::sum;

/// From VSOP87's dynamical equinox to FK5's, rad: -0.09033 arcsecond (Meeus, chapter 32).
pub(super) const FK5_RAD: f64 = -0.090_33 / 3_600.0 * std::f64::consts::PI / 180.0;
/// Aberration at 1 AU, rad: 20.4898 arcseconds (Meeus, formula 25.10).
const ABERRATION_RAD: f64 = 20.489_8 / 3_600.0 * std::f64::consts::PI / 180.0;
/// The Earth's distance follows from few terms: the aberration of 20 arcseconds hardly changes with it.
const ABERRATION_TERMS: usize = 3;

/// Apparent longitude without nutation, mean equinox of date, rad: not reduced to a circle, so that it never jumps.
pub(super) fn longitude_rad(centuries: f64) -> f64 {
    let millennia = centuries / 10.0;
    let earth = sum(EARTH.longitude, millennia);
    let radius = sum(&[&EARTH.radius[0][..ABERRATION_TERMS]], millennia);
    earth + std::f64::consts::PI + FK5_RAD - ABERRATION_RAD / radius
}

#[cfg(test)]
mod tests {
    /// Meeus, example 25.b: 1992 October 13, 0h TD; geometric 199.907372 deg (FK5: 199.907347), aberration -20.539".
    #[test]
    fn meeus_example() {
        let centuries = (2_448_908.5 - 2_451_545.0) / 36_525.0;
        let degrees = super::longitude_rad(centuries).to_degrees().rem_euclid(360.0);
        assert!((degrees - (199.907_347 - 20.539 / 3_600.0)).abs() < 0.000_15, "{degrees}");
    }
}
