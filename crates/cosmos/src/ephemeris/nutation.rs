//! Nutation in longitude: the nodding of the equinox that apparent longitudes are counted from.
//!
//! It refuses terms below 0.01 arcsecond: they move a station of Mercury by a second or two.

use model::math::sin;

/// Multiples of D, M, M', F and the Moon's node; then the coefficient of the sine in 0.0001 arcsecond, and its change a
/// Julian century. The largest of IAU 1980; Meeus, "Astronomical Algorithms" (1998), table 22.A.
const TERMS: [([f64; 5], f64, f64); 13] = [
    ([0.0, 0.0, 0.0, 0.0, 1.0], -171_996.0, -174.2),
    ([-2.0, 0.0, 0.0, 2.0, 2.0], -13_187.0, -1.6),
    ([0.0, 0.0, 0.0, 2.0, 2.0], -2_274.0, -0.2),
    ([0.0, 0.0, 0.0, 0.0, 2.0], 2_062.0, 0.2),
    ([0.0, 1.0, 0.0, 0.0, 0.0], 1_426.0, -3.4),
    ([0.0, 0.0, 1.0, 0.0, 0.0], 712.0, 0.1),
    ([-2.0, 1.0, 0.0, 2.0, 2.0], -517.0, 1.2),
    ([0.0, 0.0, 0.0, 2.0, 1.0], -386.0, -0.4),
    ([0.0, 0.0, 1.0, 2.0, 2.0], -301.0, 0.0),
    ([-2.0, -1.0, 0.0, 2.0, 2.0], 217.0, -0.5),
    ([-2.0, 0.0, 1.0, 0.0, 0.0], -158.0, 0.0),
    ([-2.0, 0.0, 0.0, 2.0, 1.0], 129.0, 0.1),
    ([0.0, 0.0, -1.0, 2.0, 2.0], 123.0, 0.0),
];

/// Nutation in longitude, rad, at Julian centuries of TT.
pub(super) fn in_longitude_rad(centuries: f64) -> f64 {
    let t = centuries;
    // Delaunay's arguments in degrees; Meeus, chapter 22.
    let arguments = [
        297.850_36 + t * (445_267.111_48 + t * (-0.001_914_2 + t / 189_474.0)),
        357.527_72 + t * (35_999.050_34 + t * (-0.000_160_3 - t / 300_000.0)),
        134.962_98 + t * (477_198.867_398 + t * (0.008_697_2 + t / 56_250.0)),
        93.271_91 + t * (483_202.017_538 + t * (-0.003_682_5 + t / 327_270.0)),
        125.044_52 + t * (-1_934.136_261 + t * (0.002_070_8 + t / 450_000.0)),
    ];
    let term = |(multiples, coefficient, change): &([f64; 5], f64, f64)| {
        let degrees: f64 =
            multiples.iter().zip(&arguments).map(|(multiple, argument)| multiple * argument).sum();
        (coefficient + change * t) * sin(degrees.to_radians())
    };
    (TERMS.iter().map(term).sum::<f64>() / 36_000_000.0).to_radians()
}

#[cfg(test)]
mod tests {
    /// Meeus, example 22.a: 1987 April 10, 0h TD, -3.788 arcseconds.
    #[test]
    fn meeus_example() {
        let centuries = (2_446_895.5 - 2_451_545.0) / 36_525.0;
        let arcseconds = super::in_longitude_rad(centuries).to_degrees() * 3_600.0;
        assert!((arcseconds + 3.788).abs() < 0.03, "{arcseconds}");
    }
}
