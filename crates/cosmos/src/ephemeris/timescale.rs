//! From UTC to the uniform time of the ephemerides (TT).
//!
//! It refuses to predict leap seconds: after the last announced one UTC is taken to keep its offset, as the resolution of
//! the General Conference on Weights and Measures of 2022 intends.

use model::Time;

/// J2000.0, 2000-01-01T12:00:00, as if it were UTC.
const J2000_MS: f64 = 946_728_000_000.0;
const DAY_MS: f64 = 86_400_000.0;
/// Days in a Julian century.
pub(super) const CENTURY_DAYS: f64 = 36_525.0;

/// TT - TAI, in seconds.
const TT_TAI_S: f64 = 32.184;

/// TAI - UTC in seconds from each instant on (IERS Bulletin C): ten at the start of 1972, then one leap second each.
const LEAP_SECONDS: [(i64, f64); 28] = [
    (63_072_000, 10.0),
    (78_796_800, 11.0),
    (94_694_400, 12.0),
    (126_230_400, 13.0),
    (157_766_400, 14.0),
    (189_302_400, 15.0),
    (220_924_800, 16.0),
    (252_460_800, 17.0),
    (283_996_800, 18.0),
    (315_532_800, 19.0),
    (362_793_600, 20.0),
    (394_329_600, 21.0),
    (425_865_600, 22.0),
    (489_024_000, 23.0),
    (567_993_600, 24.0),
    (631_152_000, 25.0),
    (662_688_000, 26.0),
    (709_948_800, 27.0),
    (741_484_800, 28.0),
    (773_020_800, 29.0),
    (820_454_400, 30.0),
    (867_715_200, 31.0),
    (915_148_800, 32.0),
    (1_136_073_600, 33.0),
    (1_230_768_000, 34.0),
    (1_341_100_800, 35.0),
    (1_435_708_800, 36.0),
    (1_483_228_800, 37.0),
];

/// TT - UTC in seconds: exact from 1972 on; before, when clocks followed the Earth's rotation, the polynomials of Delta T
/// by Espenak and Meeus ("Five Millennium Canon of Solar Eclipses", NASA TP-2006-214141), good to a second.
///
/// Their polynomials for later years are of UT, and miss today's value by five seconds; what a UTC stamp needs is this.
pub fn tt_minus_utc_s(at: Time) -> f64 {
    let seconds = at.0.div_euclid(1_000);
    let begun = LEAP_SECONDS.partition_point(|(from, _)| *from <= seconds);
    match begun.checked_sub(1) {
        Some(last) => TT_TAI_S + LEAP_SECONDS[last].1,
        None => delta_t_before_1972(2_000.0 + (at.0 as f64 - J2000_MS) / (365.25 * DAY_MS)),
    }
}

fn delta_t_before_1972(year: f64) -> f64 {
    if year < 1_961.0 {
        let t = year - 1_950.0;
        return 29.07 + t * (0.407 + t * (-1.0 / 233.0 + t / 2_547.0));
    }
    let t = year - 1_975.0;
    45.45 + t * (1.067 + t * (-1.0 / 260.0 - t / 718.0))
}

/// Julian centuries of TT from J2000.0.
pub(super) fn centuries(at: Time) -> f64 {
    (at.0 as f64 + tt_minus_utc_s(at) * 1_000.0 - J2000_MS) / (CENTURY_DAYS * DAY_MS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(year: i64, month: i64, day: i64) -> Time {
        Time::from_date(year, month, day).unwrap()
    }

    #[test]
    fn offsets_of_known_years() {
        for (at, offset_s, within_s) in [
            (date(1950, 1, 1), 29.07, 0.5),
            (date(1960, 1, 1), 33.15, 0.5),
            (date(1970, 1, 1), 40.18, 0.5),
            (date(1972, 1, 1), 42.184, 1e-9),
            (date(2000, 1, 1), 64.184, 1e-9),
            (date(2016, 12, 31), 68.184, 1e-9),
            (date(2017, 1, 1), 69.184, 1e-9),
            (date(2026, 1, 1), 69.184, 1e-9),
        ] {
            assert!((tt_minus_utc_s(at) - offset_s).abs() <= within_s, "{at}: {}", tt_minus_utc_s(at));
        }
    }

    #[test]
    fn leap_seconds_begin_a_month_and_the_polynomials_meet() {
        for pair in LEAP_SECONDS.windows(2) {
            assert_eq!(pair[1].1 - pair[0].1, 1.0);
            let (_, month, day) = Time(pair[1].0 * 1_000).date();
            assert!(day == 1 && (month == 1 || month == 7) && pair[1].0 % 86_400 == 0, "{pair:?}");
        }
        assert!((delta_t_before_1972(1_960.999_999) - delta_t_before_1972(1_961.0)).abs() < 0.2);
        assert!((delta_t_before_1972(1_972.0) - 42.184).abs() < 0.1);
    }
}
