//! What must hold of every sky: no look-ahead, absent is nothing, the same question has the same answer.

#![allow(missing_docs, reason = "tests say what they hold")]

use cosmos::ephemeris::{self, calendar::calendar, mercury, moon};
use cosmos::{Absence, Almanac, Coordinates, EventKind, Factor, FactorSet, Influences, Series, Sky, Terms};
use model::{Interval, Time};
use proptest::prelude::*;
use std::sync::Arc;

/// 2022-01-01.
const START: Time = Time(1_640_995_200_000);

fn terms(interval: Interval) -> Terms {
    Terms {
        source: "a test".to_owned(),
        unit: "units".to_owned(),
        interval,
        lag: Interval::HOUR,
        stale_after: Interval(2 * Interval::DAY.0),
    }
}

fn series(factor: Factor, interval: Interval, values: impl IntoIterator<Item = f64>) -> Arc<Series> {
    let stamp = |index: i64| Time(START.0 + index * interval.0);
    let rows = values.into_iter().zip(0..).map(|(value, index)| (stamp(index), value)).collect();
    Arc::new(Series::new(factor, terms(interval), rows).expect("a good series"))
}

fn almanac(from: Time, to: Time) -> Arc<Almanac> {
    Arc::new(Almanac::new(from, to).expect("the years of an almanac"))
}

/// Everything on, 80 days.
fn full_sky() -> Sky {
    let three_hours = Interval(3 * Interval::HOUR.0);
    Sky::none()
        .with_almanac(almanac(START, Time(START.0 + 80 * Interval::DAY.0)))
        .with_series(series(Factor::Kp, three_hours, (0..640).map(|i| f64::from(i % 10))))
        .with_series(series(
            Factor::Schumann,
            Interval::HOUR,
            (0..1_920).map(|i| 50.0 + f64::from(i * 7_919 % 97)),
        ))
        .with_series(series(Factor::Sentiment, Interval::DAY, (0..80).map(|i| f64::from(i * 37 % 101))))
        .with_series(series(
            Factor::Liquidity,
            Interval::HOUR,
            (0..1_920).map(|i| f64::from(1 + i * 31 % 89)),
        ))
        .with_factors(FactorSet::ALL)
}

fn instants() -> impl Strategy<Value = Time> {
    (ephemeris::FROM.0..ephemeris::TO.0 - 400 * Interval::DAY.0).prop_map(Time)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_elongation_grows(at in instants(), step_ms in 1_000..40 * Interval::DAY.0) {
        let later = at + Interval(step_ms);
        let (before, after) = (moon::elongation_unwrapped_deg(at), moon::elongation_unwrapped_deg(later));
        prop_assert!(after > before, "{before} at {at}, {after} at {later}");
        let per_day = (after - before) / step_ms as f64 * Interval::DAY.0 as f64;
        prop_assert!((10.0..15.5).contains(&per_day), "{per_day}");
        prop_assert!((0.0..=1.0).contains(&moon::illuminated_fraction(at)));
    }

    #[test]
    fn events_ascend_and_take_turns(from in instants()) {
        let to = from + Interval(365 * Interval::DAY.0);
        let events = calendar(from, to);
        prop_assert!(events.is_sorted_by(|a, b| a.time < b.time));
        prop_assert!(events.iter().all(|event| from <= event.time && event.time <= to));
        let is_station = |kind: &EventKind| *kind >= EventKind::MercuryStationRetrograde;
        let kinds = || events.iter().map(|event| event.kind);
        let phases: Vec<EventKind> = kinds().filter(|kind| !is_station(kind)).collect();
        prop_assert!((48..=50).contains(&phases.len()), "{}", phases.len());
        prop_assert!(phases.windows(2).all(|pair| (pair[0] as usize + 1) % 4 == pair[1] as usize));
        let stations: Vec<EventKind> = kinds().filter(is_station).collect();
        prop_assert!((5..=8).contains(&stations.len()), "{}", stations.len());
        prop_assert!(stations.windows(2).all(|pair| pair[0] != pair[1]));
    }

    #[test]
    fn an_almanac_says_the_same_whatever_its_range(
        at in instants(),
        before in 0..60 * Interval::DAY.0,
        after in 0..60 * Interval::DAY.0,
    ) {
        let from = Time(at.0 - before).max(ephemeris::FROM);
        let (wide, narrow) = (almanac(from, at + Interval(after)), almanac(at, at));
        prop_assert_eq!(wide.elongation_deg(at), narrow.elongation_deg(at));
        prop_assert_eq!(wide.mercury(at), narrow.mercury(at));
        if mercury::longitude_rate_deg_per_day(at).abs() > 1e-4 {
            prop_assert_eq!(narrow.mercury(at), Some(mercury::motion(at)));
        }
        let off = (narrow.elongation_deg(at).unwrap() - moon::elongation_deg(at) + 180.0).rem_euclid(360.0) - 180.0;
        prop_assert!(off.abs() < 0.005, "{off}");
        let outside = Time(at.0 + after + 1);
        prop_assert_eq!((wide.elongation_deg(outside), wide.mercury(outside)), (None, None));
        prop_assert_eq!(wide.elongation_deg(Time(from.0 - 1)), None);
    }

    #[test]
    fn nothing_is_known_before_it_is_available(index in 0_usize..600, now_ms in 0..80 * Interval::DAY.0) {
        let sky = full_sky();
        let now = START + Interval(now_ms);
        for factor in [Factor::Kp, Factor::Schumann, Factor::Sentiment, Factor::Liquidity] {
            let series = sky.series(factor).unwrap();
            if let Ok(reading) = series.reading(now) {
                prop_assert!(reading.available_at <= now);
                prop_assert!(now - reading.available_at <= series.terms().stale_after);
            }
            let Some(reading) = series.readings().get(index) else { continue };
            let before = Time(reading.available_at.0 - 1);
            prop_assert!(series.reading(before).map_or(true, |known| known.available_at < reading.available_at));
            prop_assert_eq!(series.reading(reading.available_at), Ok(reading));
        }
    }

    /// The future may be rewritten: what is known at an instant is the same.
    #[test]
    fn later_rows_change_nothing_earlier(cut in 1_usize..1_500, other in 1.0..500.0) {
        let values = |rewritten: bool| (0..1_500_usize).map(move |i| {
            if rewritten && i >= cut { other } else { 50.0 + (i * 7_919 % 97) as f64 }
        });
        for factor in [Factor::Schumann, Factor::Liquidity] {
            let (as_it_was, rewritten) =
                (series(factor, Interval::HOUR, values(false)), series(factor, Interval::HOUR, values(true)));
            prop_assert_eq!(&as_it_was.readings()[..cut], &rewritten.readings()[..cut]);
        }
    }

    #[test]
    fn off_and_absent_are_exactly_nothing(mask in 0_u8..=255, now_ms in -100..200_i64) {
        let on: FactorSet =
            Factor::ALL.into_iter().filter(|factor| mask & (1 << *factor as u8) != 0).collect();
        let now = START + Interval(now_ms * Interval::DAY.0);
        let all = full_sky().at(now);
        let some = full_sky().with_factors(on).at(now);
        for factor in Factor::ALL {
            let present = on.contains(factor) && all.present.contains(factor);
            prop_assert_eq!(some.present.contains(factor), present);
            let want = if present { all.of(factor) } else { 0.0 };
            prop_assert_eq!(some.of(factor).to_bits(), want.to_bits(), "{:?}", factor);
        }
    }

    #[test]
    fn a_series_goes_round_in_its_window(by_ms in -500 * Interval::DAY.0..500 * Interval::DAY.0, day in 0_i64..40) {
        let sky = full_sky();
        let window = (START, START + Interval(40 * Interval::DAY.0));
        let length = window.1 - window.0;
        let now = START + Interval(day * Interval::DAY.0 + 7_777);
        let read_at = window.0 + Interval((now.0 - window.0.0 + by_ms).rem_euclid(length.0));
        let shifted = sky.shifted(Factor::Kp, Interval(by_ms), window);
        prop_assert_eq!(shifted.at(now).kp, sky.at(read_at).kp);
        prop_assert_eq!(shifted.effect(Factor::Kp, now), sky.effect(Factor::Kp, read_at));
        prop_assert_eq!(shifted.effect(Factor::Moon, now), sky.effect(Factor::Moon, now));
        let whole = sky.shifted(Factor::Schumann, length, window);
        prop_assert_eq!(whole.effect(Factor::Schumann, now), sky.effect(Factor::Schumann, now));
        for factor in [Factor::Moon, Factor::Mercury, Factor::Season, Factor::Circadian] {
            let moved = sky.shifted(factor, Interval(by_ms), window);
            prop_assert_eq!(moved.effect(factor, now), sky.effect(factor, now + Interval(by_ms)));
        }
    }
}

#[test]
fn ten_thousand_identical_readings() {
    let sky = full_sky();
    let now = START + Interval(40 * Interval::DAY.0 + 1);
    let first = sky.at(now);
    assert_eq!(first.present, FactorSet::ALL);
    let bits = |influences: &Influences| Factor::ALL.map(|factor| influences.of(factor).to_bits());
    for _ in 0..10_000 {
        assert_eq!(bits(&sky.at(now)), bits(&first));
    }
    assert_eq!(bits(&sky.clone().at(now)), bits(&first));
}

#[test]
fn no_sky_is_none() {
    assert_eq!(Sky::none().at(START), Influences::NONE);
    let without_sources = Sky::none().with_factors(FactorSet::ALL).at(START);
    let computed: FactorSet = [Factor::Season, Factor::Circadian].into_iter().collect();
    assert_eq!(without_sources.present, computed);
}

#[test]
fn every_absence_has_its_reason() {
    let reason = |sky: &Sky, factor: Factor, now: Time| sky.provenance(now)[factor as usize].state.clone();
    let sky = full_sky();
    let early = reason(&sky, Factor::Kp, START).unwrap_err();
    assert_eq!(early.to_string(), "nothing known before 2022-01-01T04:00:00Z");
    let late = reason(&sky, Factor::Kp, START + Interval(90 * Interval::DAY.0)).unwrap_err();
    assert_eq!(late.to_string(), "stale: the last value is of 2022-03-22T01:00:00Z");
    let short = reason(&sky, Factor::Schumann, START + Interval::DAY);
    assert_eq!(short, Err(Absence::TooShort));
    let outside = reason(&sky, Factor::Moon, START - Interval::DAY);
    assert_eq!(outside, Err(Absence::OutsideAlmanac));
    let bare = Sky::none().with_factors(FactorSet::EMPTY.with(Factor::Sentiment));
    assert_eq!(reason(&bare, Factor::Sentiment, START), Err(Absence::NoSource));
    assert_eq!(reason(&bare, Factor::Moon, START), Err(Absence::Off));
    let known = reason(&sky, Factor::Kp, START + Interval(4 * Interval::HOUR.0)).unwrap();
    assert_eq!((known.value, known.age, known.source.as_str()), (0.0, Some(Interval(0)), "a test"));
}

#[test]
fn what_cannot_be_a_series_is_refused() {
    let wrong = |factor, rows: &[(i64, f64)], terms: Terms| {
        let rows = rows.iter().map(|(hour, value)| (Time(hour * Interval::HOUR.0), *value)).collect();
        Series::new(factor, terms, rows).unwrap_err().to_string()
    };
    let hour = || terms(Interval::HOUR);
    for (found, want) in [
        (wrong(Factor::Moon, &[(0, 1.0)], hour()), "moon is worked out, not read from a series"),
        (wrong(Factor::Kp, &[], hour()), "there are no readings of kp"),
        (
            wrong(Factor::Kp, &[(1, 1.0), (0, 1.0)], hour()),
            "row 2: 1970-01-01T00:00:00Z comes after 1970-01-01T01:00:00Z",
        ),
        (
            wrong(Factor::Kp, &[(0, 9.1)], hour()),
            "row 1: 9.1 is no reading of kp, which lies between 0 and 9",
        ),
        (
            wrong(Factor::Sentiment, &[(0, f64::NAN)], hour()),
            "row 1: NaN is no reading of sentiment, which lies between 0 and 100",
        ),
        (
            wrong(Factor::Liquidity, &[(0, 0.0)], hour()),
            "row 1: 0 is no reading of liquidity, which is above 0",
        ),
        (wrong(Factor::Schumann, &[(0, 0.0)], hour()), "there are no readings of schumann"),
        (wrong(Factor::Kp, &[(0, 1.0)], terms(Interval(0))), "readings of kp cannot have an interval of 0d"),
        (
            wrong(Factor::Kp, &[(0, 1.0)], Terms { lag: Interval(-1), ..hour() }),
            "readings of kp cannot have a publication lag of -1ms",
        ),
        (
            wrong(Factor::Kp, &[(0, 1.0)], Terms { unit: " ".to_owned(), ..hour() }),
            "readings of kp need a unit",
        ),
    ] {
        assert_eq!(found, want);
    }
}

#[test]
fn repeats_and_outages_are_counted() {
    let rows = [(0, 50.0), (0, 60.0), (1, 0.0), (2, 70.0), (2, 0.0)];
    let rows = rows.map(|(hour, value)| (Time(hour * Interval::HOUR.0), value)).to_vec();
    let series = Series::new(Factor::Schumann, terms(Interval::HOUR), rows).unwrap();
    let values: Vec<f64> = series.readings().iter().map(|reading| reading.value).collect();
    assert_eq!((values, series.duplicates_dropped(), series.outages_dropped()), (vec![60.0, 70.0], 1, 2));
    assert_eq!(series.resolution(), Interval::DAY);
}

#[test]
fn places_beyond_the_earth_are_refused() {
    assert!(Coordinates::new(-90.0, 180.0).is_some());
    for (latitude, longitude) in [(90.1, 0.0), (0.0, -180.1), (f64::NAN, 0.0), (0.0, f64::INFINITY)] {
        assert_eq!(Coordinates::new(latitude, longitude), None);
    }
}

#[test]
fn almanacs_keep_to_the_ephemeris() {
    let errors = [
        (START, START - Interval(1)),
        (Time(ephemeris::FROM.0 - 1), START),
        (START, Time(ephemeris::TO.0 + 1)),
    ]
    .map(|(from, to)| Almanac::new(from, to).unwrap_err().to_string());
    assert_eq!(
        errors[0],
        "an almanac from 2022-01-01T00:00:00Z to 2021-12-31T23:59:59.999Z would be of nothing"
    );
    assert!(
        errors[1].ends_with("leaves the years 1950 to 2100")
            && errors[2].ends_with("leaves the years 1950 to 2100")
    );
}

/// Whatever comes, and in whatever order: what is known is what a series of the good values says.
#[test]
fn a_series_learns_what_is_a_reading_and_nothing_else() {
    let hour = Interval::HOUR;
    let at = |hours: i64| Time(hours * hour.0);
    let terms = || Terms {
        source: "test".to_owned(),
        unit: "index".to_owned(),
        interval: hour,
        lag: Interval(0),
        stale_after: Interval::DAY,
    };
    let first = vec![(at(0), 10.0)];
    let mut sky = Sky::none()
        .with_series(Arc::new(Series::new(Factor::Sentiment, terms(), first).expect("one good value")));
    let now = at(10);
    let good = [(5, 50.0), (3, 30.0), (5, 55.0), (9, 90.0)];
    for (stamp, value) in good {
        assert_eq!(sky.learn(now, Factor::Sentiment, at(stamp), value), Ok(()));
    }
    let before = sky.clone();
    let absurd = [(4, -1.0), (4, f64::NAN), (4, 1e300), (10, 50.0), (i64::MAX / hour.0, 50.0)];
    for (stamp, value) in absurd {
        assert!(sky.learn(now, Factor::Sentiment, at(stamp), value).is_err(), "{stamp} {value}");
    }
    for factor in [Factor::Kp, Factor::Moon] {
        assert!(sky.learn(now, factor, at(1), 1.0).is_err());
    }
    assert_eq!(sky, before);
    let rows = vec![(at(0), 10.0), (at(3), 30.0), (at(5), 55.0), (at(9), 90.0)];
    let whole = Series::new(Factor::Sentiment, terms(), rows).expect("good values");
    assert_eq!(sky.series(Factor::Sentiment).map(|series| series.readings()), Some(whole.readings()));
}
