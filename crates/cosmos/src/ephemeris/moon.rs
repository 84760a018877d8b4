//! The Moon: its elongation from the Sun, the phase that people call it, how much of it is lit, and the instants of the
//! principal phases.
//!
//! It refuses a topocentric Moon: the farm's Moon is seen from the centre of the Earth.

use super::calendar::{Event, EventKind};
use super::{first_second, sun, timescale};
use model::math::{cos, sin};
use model::{Interval, Time};

/// Multiples of D, M, M', F, and the coefficient of the sine in 0.000001 deg. Meeus, "Astronomical Algorithms" (1998),
/// table 47.A, which is ELP-2000/82 cut to 10 arcseconds; its row 2, 0, -1, -2 is of the distance only.
const LONGITUDE: [([i8; 4], f64); 59] = [
    ([0, 0, 1, 0], 6_288_774.0),
    ([2, 0, -1, 0], 1_274_027.0),
    ([2, 0, 0, 0], 658_314.0),
    ([0, 0, 2, 0], 213_618.0),
    ([0, 1, 0, 0], -185_116.0),
    ([0, 0, 0, 2], -114_332.0),
    ([2, 0, -2, 0], 58_793.0),
    ([2, -1, -1, 0], 57_066.0),
    ([2, 0, 1, 0], 53_322.0),
    ([2, -1, 0, 0], 45_758.0),
    ([0, 1, -1, 0], -40_923.0),
    ([1, 0, 0, 0], -34_720.0),
    ([0, 1, 1, 0], -30_383.0),
    ([2, 0, 0, -2], 15_327.0),
    ([0, 0, 1, 2], -12_528.0),
    ([0, 0, 1, -2], 10_980.0),
    ([4, 0, -1, 0], 10_675.0),
    ([0, 0, 3, 0], 10_034.0),
    ([4, 0, -2, 0], 8_548.0),
    ([2, 1, -1, 0], -7_888.0),
    ([2, 1, 0, 0], -6_766.0),
    ([1, 0, -1, 0], -5_163.0),
    ([1, 1, 0, 0], 4_987.0),
    ([2, -1, 1, 0], 4_036.0),
    ([2, 0, 2, 0], 3_994.0),
    ([4, 0, 0, 0], 3_861.0),
    ([2, 0, -3, 0], 3_665.0),
    ([0, 1, -2, 0], -2_689.0),
    ([2, 0, -1, 2], -2_602.0),
    ([2, -1, -2, 0], 2_390.0),
    ([1, 0, 1, 0], -2_348.0),
    ([2, -2, 0, 0], 2_236.0),
    ([0, 1, 2, 0], -2_120.0),
    ([0, 2, 0, 0], -2_069.0),
    ([2, -2, -1, 0], 2_048.0),
    ([2, 0, 1, -2], -1_773.0),
    ([2, 0, 0, 2], -1_595.0),
    ([4, -1, -1, 0], 1_215.0),
    ([0, 0, 2, 2], -1_110.0),
    ([3, 0, -1, 0], -892.0),
    ([2, 1, 1, 0], -810.0),
    ([4, -1, -2, 0], 759.0),
    ([0, 2, -1, 0], -713.0),
    ([2, 2, -1, 0], -700.0),
    ([2, 1, -2, 0], 691.0),
    ([2, -1, 0, -2], 596.0),
    ([4, 0, 1, 0], 549.0),
    ([0, 0, 4, 0], 537.0),
    ([4, -1, 0, 0], 520.0),
    ([1, 0, -2, 0], -487.0),
    ([2, 1, 0, -2], -399.0),
    ([0, 0, 2, -2], -381.0),
    ([1, 1, 1, 0], 351.0),
    ([3, 0, -2, 0], -340.0),
    ([4, 0, -3, 0], 330.0),
    ([2, -1, 2, 0], 327.0),
    ([0, 2, 1, 0], -323.0),
    ([1, 1, -1, 0], 299.0),
    ([2, 0, 3, 0], 294.0),
];

/// The mean elongation at J2000.0, deg, and its change in a Julian century.
const MEAN_DEG: f64 = -62.149_8;
const MEAN_DEG_PER_CENTURY: f64 = 445_267.111_4;
/// The knots of an almanac, and the brackets in which phases are searched.
pub(crate) const KNOT: Interval = Interval(6 * Interval::HOUR.0);
/// Mean distance of the Moon over that of the Sun.
const DISTANCE_RATIO: f64 = 0.002_57;

/// The Moon's mean arguments in degrees, Meeus formulas 47.1 to 47.5.
struct Arguments {
    /// Mean longitude, the effect of light-time included.
    longitude: f64,
    /// Mean elongation D, the Sun's mean anomaly M, the Moon's M', and the argument of latitude F.
    delaunay: [f64; 4],
}

impl Arguments {
    fn at(t: f64) -> Arguments {
        let longitude = 218.316_447_7
            + t * (481_267.881_234_21 + t * (-0.001_578_6 + t * (1.0 / 538_841.0 - t / 65_194_000.0)));
        let delaunay = [
            297.850_192_1
                + t * (445_267.111_403_4 + t * (-0.001_881_9 + t * (1.0 / 545_868.0 - t / 113_065_000.0))),
            357.529_109_2 + t * (35_999.050_290_9 + t * (-0.000_153_6 + t / 24_490_000.0)),
            134.963_396_4
                + t * (477_198.867_505_5 + t * (0.008_741_4 + t * (1.0 / 69_699.0 - t / 14_712_000.0))),
            93.272_095_0
                + t * (483_202.017_523_3 + t * (-0.003_653_9 + t * (-1.0 / 3_526_000.0 + t / 863_310_000.0))),
        ];
        Arguments { longitude, delaunay }
    }
}

/// Geometric longitude, mean equinox of date, deg, not reduced to a circle.
fn longitude_deg(t: f64) -> f64 {
    let Arguments { longitude, delaunay } = Arguments::at(t);
    // The Sun's anomaly enters times the eccentricity of the Earth's orbit, which shrinks (Meeus 47.6).
    let eccentricity = 1.0 - t * (0.002_516 + t * 0.000_007_4);
    let shrunk = [1.0, eccentricity, eccentricity * eccentricity];
    let radians = delaunay.map(|degrees| degrees.rem_euclid(360.0).to_radians());
    let term = |(multiples, coefficient): &([i8; 4], f64)| {
        let argument: f64 = multiples.iter().zip(&radians).map(|(m, radians)| f64::from(*m) * radians).sum();
        coefficient * shrunk[usize::from(multiples[1].unsigned_abs())] * sin(argument)
    };
    // Venus, the flattening of the Earth, and Jupiter.
    let venus = 3_958.0 * sin((119.75 + 131.849 * t).to_radians());
    let flattening = 1_962.0 * sin((longitude - delaunay[3]).to_radians());
    let jupiter = 318.0 * sin((53.09 + 479_264.290 * t).to_radians());
    longitude + (LONGITUDE.iter().map(term).sum::<f64>() + venus + flattening + jupiter) / 1e6
}

/// The Moon's apparent longitude less the Sun's, deg, not reduced to a circle: it grows by 360 a month for ever, and the
/// principal phases lie where it passes a multiple of 90.
pub fn elongation_unwrapped_deg(at: Time) -> f64 {
    let centuries = timescale::centuries(at);
    longitude_deg(centuries) - sun::longitude_rad(centuries).to_degrees()
}

/// The elongation in 0..360 deg: 0 is new, 180 full.
pub fn elongation_deg(at: Time) -> f64 {
    on_circle(elongation_unwrapped_deg(at))
}

/// An angle in 0..360 deg. (A tiny negative one would round up to 360 itself.)
pub(crate) fn on_circle(degrees: f64) -> f64 {
    let reduced = degrees.rem_euclid(360.0);
    if reduced < 360.0 { reduced } else { 0.0 }
}

/// The lit fraction of the disc, 0..1, to about 0.003: Meeus formulas 48.1 to 48.3 with the four largest terms of the
/// Moon's latitude (table 47.B) and its mean distance.
pub fn illuminated_fraction(at: Time) -> f64 {
    let Arguments { delaunay: [elongation, _, anomaly, latitude], .. } =
        Arguments::at(timescale::centuries(at));
    let wave = |size: f64, degrees: f64| size * sin(degrees.to_radians());
    let latitude_deg = wave(5.128, latitude)
        + wave(0.281, anomaly + latitude)
        + wave(0.278, anomaly - latitude)
        + wave(0.173, 2.0 * elongation - latitude);
    let cos_apart = cos(latitude_deg.to_radians()) * cos(elongation_deg(at).to_radians());
    // The phase angle is 180 deg less the separation, less the small angle under which the Sun sees Earth and Moon.
    let cos_phase_angle = DISTANCE_RATIO * (1.0 - cos_apart * cos_apart) - cos_apart;
    ((1.0 + cos_phase_angle) / 2.0).clamp(0.0, 1.0)
}

/// What people call the Moon: eight names, each for 45 deg of elongation about its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// About 0 deg.
    New,
    /// About 45 deg.
    WaxingCrescent,
    /// About 90 deg.
    FirstQuarter,
    /// About 135 deg.
    WaxingGibbous,
    /// About 180 deg.
    Full,
    /// About 225 deg.
    WaningGibbous,
    /// About 270 deg.
    LastQuarter,
    /// About 315 deg.
    WaningCrescent,
}

impl Phase {
    /// In the order of the month.
    pub const ALL: [Phase; 8] = [
        Phase::New,
        Phase::WaxingCrescent,
        Phase::FirstQuarter,
        Phase::WaxingGibbous,
        Phase::Full,
        Phase::WaningGibbous,
        Phase::LastQuarter,
        Phase::WaningCrescent,
    ];

    /// The phase of an elongation in degrees.
    pub fn of_elongation(elongation_deg: f64) -> Phase {
        let octant = (on_circle(elongation_deg + 22.5) / 45.0) as usize;
        Phase::ALL[octant.min(Phase::ALL.len() - 1)]
    }

    /// As one says it.
    pub const fn name(self) -> &'static str {
        match self {
            Phase::New => "new moon",
            Phase::WaxingCrescent => "waxing crescent",
            Phase::FirstQuarter => "first quarter",
            Phase::WaxingGibbous => "waxing gibbous",
            Phase::Full => "full moon",
            Phase::WaningGibbous => "waning gibbous",
            Phase::LastQuarter => "last quarter",
            Phase::WaningCrescent => "waning crescent",
        }
    }
}

/// The instant at which the unwrapped elongation passes `quarter` times 90 deg, to the second.
fn quarter_instant(quarter: i64) -> Time {
    let target_deg = quarter as f64 * 90.0;
    let century_ms = timescale::CENTURY_DAYS * Interval::DAY.0 as f64;
    let after = |degrees: f64| Interval((degrees / MEAN_DEG_PER_CENTURY * century_ms) as i64);
    let mean = J2000 + after(target_deg - MEAN_DEG);
    let near = mean + after(target_deg - elongation_unwrapped_deg(mean));
    let mut knot = near.floor(KNOT);
    while elongation_unwrapped_deg(knot) >= target_deg {
        knot = knot - KNOT;
    }
    while elongation_unwrapped_deg(knot + KNOT) < target_deg {
        knot = knot + KNOT;
    }
    first_second(knot, knot + KNOT, |at| elongation_unwrapped_deg(at) >= target_deg)
}

const J2000: Time = Time(946_728_000_000);

/// The principal phases from an instant on, without end, ascending.
pub fn principal_phases(from: Time) -> impl Iterator<Item = Event> {
    let first = (elongation_unwrapped_deg(from) / 90.0).floor() as i64;
    let event = |quarter: i64| {
        let kind = match quarter.rem_euclid(4) {
            0 => EventKind::NewMoon,
            1 => EventKind::FirstQuarter,
            2 => EventKind::FullMoon,
            _ => EventKind::LastQuarter,
        };
        Event { time: quarter_instant(quarter), kind }
    };
    (first..).map(event).skip_while(move |event| event.time < from)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Meeus, example 47.a: 1992 April 12, 0h TD, geometric longitude 133.162655 deg.
    #[test]
    fn meeus_example_of_longitude() {
        let longitude = longitude_deg((2_448_724.5 - 2_451_545.0) / 36_525.0).rem_euclid(360.0);
        assert!((longitude - 133.162_655).abs() < 0.000_002, "{longitude}");
    }

    /// Meeus, example 48.a: the same instant, lit fraction 0.6786.
    #[test]
    fn meeus_example_of_the_lit_fraction() {
        let at = Time::from_date(1992, 4, 12).unwrap() - Interval(59_184);
        let lit = illuminated_fraction(at);
        assert!((lit - 0.678_6).abs() < 0.003, "{lit}");
        assert_eq!(Phase::of_elongation(elongation_deg(at)), Phase::FirstQuarter);
    }

    #[test]
    fn eight_names_of_45_degrees() {
        for (index, phase) in Phase::ALL.into_iter().enumerate() {
            let middle = index as f64 * 45.0;
            for off in [-22.4, 0.0, 22.4] {
                assert_eq!(Phase::of_elongation(middle + off), phase, "{middle} {off}");
            }
        }
        assert_eq!(Phase::of_elongation(-1e-20), Phase::New);
        assert_eq!(Phase::of_elongation(360.0 - 22.5), Phase::New);
        assert_eq!(on_circle(-1e-20), 0.0);
    }
}
