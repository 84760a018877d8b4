//! Sums of the planetary theory VSOP87D: where a planet stands as seen from the Sun, in the ecliptic and equinox of date.
//!
//! Cosines are libm's, so the same bits everywhere; the table is cut to what matters here. It refuses to know more
//! bodies than the farm looks at.

use model::math::{cos, sin};

/// Amplitude (rad or AU), phase (rad), frequency (rad a Julian millennium): `A cos(B + C t)`.
pub(super) type Term = [f64; 3];

/// The terms of a body: for each coordinate a list for each power of time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Body {
    /// Heliocentric longitude, rad.
    pub longitude: &'static [&'static [Term]],
    /// Heliocentric latitude, rad.
    pub latitude: &'static [&'static [Term]],
    /// Distance from the Sun, AU.
    pub radius: &'static [&'static [Term]],
}

/// `sum over powers of t^power x sum of A cos(B + C t)`, with `t` in Julian millennia (TT) from J2000.
pub(super) fn sum(powers: &[&[Term]], millennia: f64) -> f64 {
    let of_power = |terms: &[Term]| terms.iter().map(|[a, b, c]| a * cos(b + c * millennia)).sum::<f64>();
    powers.iter().rev().fold(0.0, |sum, terms| sum * millennia + of_power(terms))
}

impl Body {
    /// Heliocentric rectangular coordinates in AU: x to the equinox, z to the ecliptic's north pole.
    pub(super) fn rectangular(&self, millennia: f64) -> [f64; 3] {
        let longitude = sum(self.longitude, millennia);
        let latitude = sum(self.latitude, millennia);
        let radius = sum(self.radius, millennia);
        let in_plane = radius * cos(latitude);
        [in_plane * cos(longitude), in_plane * sin(longitude), radius * sin(latitude)]
    }
}
