//! From a reading to what it would do: a band with a name, and an effect before anybody's weights.
//!
//! The bounds are starting points (the specification of the personas); they live here and nowhere else. It refuses to
//! extrapolate: beyond the last band the effect stays where it is.

use model::math::cos;
use model::{Interval, Time};
use std::f64::consts::PI;

/// What a reading would do, and what one calls it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Felt {
    /// On the scale of [`crate::Influences`].
    pub effect: f64,
    /// The name of its band.
    pub band: &'static str,
}

/// A band: up to where it reaches (its end excluded), its effect, its name.
type Band = (f64, f64, &'static str);

/// The index of sentiment, 0..100. The middle bands are those of the Fear & Greed index, its extremes divided.
const SENTIMENT: [Band; 7] = [
    (10.0, -0.5, "despair"),
    (25.0, -0.3, "fear"),
    (45.0, -0.1, "worry"),
    (55.0, 0.0, "neutral"),
    (75.0, 0.1, "optimism"),
    (90.0, 0.25, "greed"),
    (f64::INFINITY, 0.4, "euphoria"),
];

/// Depth over spread, as a ratio to its median of 24 h.
const LIQUIDITY: [Band; 5] = [
    (0.4, -0.3, "dry"),
    (0.75, -0.1, "restricted"),
    (1.25, 0.0, "normal"),
    (2.0, 0.1, "flowing"),
    (f64::INFINITY, 0.2, "abundant"),
];

/// Kp, names only: its effect grows evenly. The storms are NOAA's G scale.
const KP: [Band; 7] = [
    (4.0, 0.0, "quiet"),
    (5.0, 0.0, "active"),
    (6.0, 0.0, "minor storm"),
    (7.0, 0.0, "moderate storm"),
    (8.0, 0.0, "strong storm"),
    (9.0, 0.0, "severe storm"),
    (f64::INFINITY, 0.0, "extreme storm"),
];

/// Standard deviations from the mean of 30 days, names only: the effect grows evenly.
const SCHUMANN: [Band; 5] = [
    (-2.0, 0.0, "far below usual"),
    (-0.5, 0.0, "below usual"),
    (0.5, 0.0, "usual"),
    (2.0, 0.0, "above usual"),
    (f64::INFINITY, 0.0, "far above usual"),
];

/// Kp above which stress rises, and the top of the scale.
const KP_FROM: f64 = 5.0;
/// The top of the Kp scale.
pub(crate) const KP_MAX: f64 = 9.0;
const KP_EFFECT_MAX: f64 = 0.1;
const SCHUMANN_DEVIATIONS_MAX: f64 = 2.0;
const SCHUMANN_EFFECT_MAX: f64 = 0.3;
/// At new and full moon, before susceptibility.
pub const MOON_EFFECT_MAX: f64 = 0.3;
const SEASON_EFFECT_MAX: f64 = 0.05;
const CIRCADIAN_EFFECT_MAX: f64 = 0.1;
/// Local hours of the strongest and of the weakest impulse.
const CIRCADIAN_NIGHT_H: f64 = 3.0;
const CIRCADIAN_DAY_H: f64 = 13.0;

/// The tropical year: 365.24219 days.
pub(crate) const TROPICAL_YEAR: Interval = Interval(31_556_925_216);
/// The northern solstice of June 2000, 01:48 UTC.
const SOLSTICE: Time = Time(961_552_080_000);

fn banded(bands: &[Band], value: f64) -> Felt {
    let (_, effect, band) =
        bands.iter().find(|(end, ..)| value < *end).or(bands.last()).expect("a list of bands is not empty");
    Felt { effect: *effect, band }
}

/// On risk: -0.5 in despair .. 0.4 in euphoria, by band of an index of 0..100.
pub fn sentiment(index: f64) -> Felt {
    banded(&SENTIMENT, index)
}

/// On size: -0.3 dry .. 0.2 abundant, by the ratio of depth over spread to its median of 24 h.
pub fn liquidity(ratio: f64) -> Felt {
    banded(&LIQUIDITY, ratio)
}

/// Stress: 0 up to Kp 5, then evenly to 0.1 at Kp 9.
pub fn kp(kp: f64) -> Felt {
    let effect = ((kp - KP_FROM) / (KP_MAX - KP_FROM)).clamp(0.0, 1.0) * KP_EFFECT_MAX;
    Felt { effect, ..banded(&KP, kp) }
}

/// On risk: evenly from -0.3 at two standard deviations below the mean of its own 30 days to 0.3 at two above.
pub fn schumann(deviations: f64) -> Felt {
    let share = (deviations / SCHUMANN_DEVIATIONS_MAX).clamp(-1.0, 1.0);
    Felt { effect: share * SCHUMANN_EFFECT_MAX, ..banded(&SCHUMANN, deviations) }
}

/// Emotional intensity: -0.3 at the new moon, 0.3 at the full one, in the mean of a month nothing.
#[inline]
pub fn moon(elongation_deg: f64) -> f64 {
    -cos(elongation_deg.to_radians()) * MOON_EFFECT_MAX
}

/// On risk: 0.05 at midsummer of the hemisphere, -0.05 at midwinter; on the equator there are no seasons.
#[inline]
pub fn season(at: Time, latitude_deg: f64) -> f64 {
    let year = (at.0 - SOLSTICE.0).rem_euclid(TROPICAL_YEAR.0) as f64 / TROPICAL_YEAR.0 as f64;
    let hemisphere = if latitude_deg == 0.0 { 0.0 } else { latitude_deg.signum() };
    hemisphere * cos(2.0 * PI * year) * SEASON_EFFECT_MAX
}

/// The quarter of the year about a solstice or equinox.
pub fn season_name(at: Time, latitude_deg: f64) -> &'static str {
    const NORTH: [&str; 4] = ["summer", "autumn", "winter", "spring"];
    if latitude_deg == 0.0 {
        return "no season";
    }
    let quarter = (at.0 - SOLSTICE.0).rem_euclid(TROPICAL_YEAR.0) * 4 / TROPICAL_YEAR.0;
    NORTH[(quarter as usize + if latitude_deg < 0.0 { 2 } else { 0 }) % NORTH.len()]
}

/// Mean solar hour at a longitude, 0..24.
#[inline]
pub fn local_hour(at: Time, longitude_deg: f64) -> f64 {
    let hour = (at.time_of_day_ms() as f64 / Interval::HOUR.0 as f64 + longitude_deg / 15.0).rem_euclid(24.0);
    if hour < 24.0 { hour } else { 0.0 }
}

/// Impulsiveness: 0.1 at three at night, -0.1 at one in the afternoon, between them half a cosine each way, so that
/// there is no corner and a day's mean is nothing.
#[inline]
pub fn circadian(local_hour: f64) -> f64 {
    const FALLING_H: f64 = CIRCADIAN_DAY_H - CIRCADIAN_NIGHT_H;
    let since_night = (local_hour - CIRCADIAN_NIGHT_H).rem_euclid(24.0);
    let phase = if since_night <= FALLING_H {
        since_night / FALLING_H
    } else {
        1.0 + (since_night - FALLING_H) / (24.0 - FALLING_H)
    };
    cos(PI * phase) * CIRCADIAN_EFFECT_MAX
}

/// What one calls a local hour.
pub fn part_of_day(local_hour: f64) -> &'static str {
    match local_hour {
        h if h < 6.0 => "night",
        h if h < 10.0 => "morning",
        h if h < 16.0 => "mid-day",
        h if h < 22.0 => "evening",
        _ => "night",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bands_have_their_ends() {
        for (felt, effect, band) in [
            (sentiment(0.0), -0.5, "despair"),
            (sentiment(24.9), -0.3, "fear"),
            (sentiment(50.0), 0.0, "neutral"),
            (sentiment(100.0), 0.4, "euphoria"),
            (liquidity(0.1), -0.3, "dry"),
            (liquidity(1.0), 0.0, "normal"),
            (liquidity(99.0), 0.2, "abundant"),
            (kp(5.0), 0.0, "minor storm"),
            (kp(0.0), 0.0, "quiet"),
            (kp(7.0), 0.05, "strong storm"),
            (kp(9.0), 0.1, "extreme storm"),
            (schumann(0.0), 0.0, "usual"),
            (schumann(-1.0), -0.15, "below usual"),
            (schumann(40.0), 0.3, "far above usual"),
            (schumann(-40.0), -0.3, "far below usual"),
        ] {
            assert_eq!((felt.effect, felt.band), (effect, band));
        }
        for bands in [&SENTIMENT[..], &LIQUIDITY, &KP, &SCHUMANN] {
            assert!(bands.is_sorted_by(|a, b| a.0 < b.0), "{bands:?}");
        }
        assert!(SENTIMENT.is_sorted_by(|a, b| a.1 < b.1) && LIQUIDITY.is_sorted_by(|a, b| a.1 < b.1));
    }

    #[test]
    fn a_day_and_a_year_have_no_corner_and_no_mean() {
        let hours: Vec<f64> = (0..2_400).map(|i| circadian(f64::from(i) / 100.0)).collect();
        assert!(hours.iter().sum::<f64>().abs() < 1e-9);
        assert!((0..2_400).all(|i| (hours[i] - hours[(i + 1) % 2_400]).abs() < 0.000_4));
        assert_eq!((circadian(3.0), circadian(13.0)), (0.1, -0.1));
        let day = |i: i64| season(Time(SOLSTICE.0 + i * Interval::DAY.0), 51.5);
        assert!((0..366).all(|i| (day(i) - day(i + 1)).abs() < 0.001 && day(i).abs() <= 0.05));
        let south = season(SOLSTICE, -33.0);
        assert_eq!((day(0), south, season(SOLSTICE, 0.0)), (0.05, -0.05, 0.0));
        assert_eq!((season_name(SOLSTICE, 51.5), season_name(SOLSTICE, -33.0)), ("summer", "winter"));
    }

    #[test]
    fn the_local_hour_follows_the_longitude() {
        assert_eq!(local_hour(Time(0), 0.0), 0.0);
        assert_eq!(local_hour(Time(0), 139.5), 9.3);
        assert_eq!(local_hour(Time(0), -75.0), 19.0);
        assert!((0.0..24.0).contains(&local_hour(Time(0), -1e-15)));
    }
}
