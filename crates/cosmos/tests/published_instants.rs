//! Phases and stations against instants that others published; the long lists are read where they are shared.

#![allow(clippy::unwrap_used, clippy::print_stdout, missing_docs, reason = "a test stops where it breaks")]
#![allow(
    clippy::disallowed_methods,
    reason = "the lists are files, and their place is an environment variable"
)]

use cosmos::ephemeris::{mercury, moon};
use cosmos::{Event, EventKind};
use model::{Interval, Time};
use std::path::{Path, PathBuf};

/// Rows of a shared list; says loudly when a test has to do without.
fn rows(name: &str) -> Option<Vec<Vec<String>>> {
    let root = std::env::var_os("OMEGA_TEST_DATA")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"), PathBuf::from);
    let file = root.join("cosmic").join(name);
    let Ok(text) = std::fs::read_to_string(&file) else {
        println!("SKIPPED: {} is missing; set OMEGA_TEST_DATA", file.display());
        return None;
    };
    Some(text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect())
}

/// `2008-01-08T11:37:11Z`.
fn instant(text: &str) -> Time {
    let part = |range: std::ops::Range<usize>| text[range].parse::<i64>().unwrap();
    let midnight = Time::from_date(part(0..4), part(5..7), part(8..10)).unwrap();
    midnight + Interval(((part(11..13) * 60 + part(14..16)) * 60 + part(17..19)) * 1_000)
}

/// The largest distance in seconds between a list and what we find from its first instant on, one by one.
fn worst_s(list: &[(EventKind, Time)], found: impl Iterator<Item = Event>) -> f64 {
    let mut worst_ms = 0;
    let mut compared = 0;
    for ((kind, time), event) in list.iter().zip(found) {
        assert_eq!(event.kind, *kind, "{time}");
        worst_ms = worst_ms.max((event.time - *time).0.abs());
        compared += 1;
    }
    assert_eq!(compared, list.len());
    worst_ms as f64 / 1_000.0
}

/// A day before the first of a list.
fn start(list: &[(EventKind, Time)]) -> Time {
    list[0].1 - Interval::DAY
}

#[test]
fn phases_of_twelve_years() {
    let Some(rows) = rows("moon-phases-2008-2019.csv") else { return };
    let kind = |word: &str| match word {
        "new" => EventKind::NewMoon,
        "first_quarter" => EventKind::FirstQuarter,
        "full" => EventKind::FullMoon,
        "last_quarter" => EventKind::LastQuarter,
        _ => panic!("{word}"),
    };
    let list: Vec<_> = rows.iter().map(|row| (kind(&row[0]), instant(&row[1]))).collect();
    let worst = worst_s(&list, moon::principal_phases(start(&list)));
    println!("{} phases, the worst {worst} s off", list.len());
    assert!(list.len() > 500 && worst < 60.0, "{worst}");
}

#[test]
fn stations_of_twelve_years() {
    let Some(rows) = rows("mercury-stations-2008-2019.csv") else { return };
    let kind = |word: &str| match word {
        "station_retrograde" => EventKind::MercuryStationRetrograde,
        "station_direct" => EventKind::MercuryStationDirect,
        _ => panic!("{word}"),
    };
    let list: Vec<_> = rows.iter().map(|row| (kind(&row[0]), instant(&row[1]))).collect();
    let worst = worst_s(&list, mercury::stations(start(&list)));
    let off =
        |row: &Vec<String>| (mercury::longitude_deg(instant(&row[1])) - row[2].parse::<f64>().unwrap()).abs();
    let worst_arcseconds = rows.iter().map(off).fold(0.0, f64::max) * 3_600.0;
    println!("{} stations, the worst {worst} s off; longitude {worst_arcseconds:.2} arcseconds", list.len());
    assert!(list.len() > 70 && worst < 120.0, "{worst}");
    assert!(worst_arcseconds < 1.0, "{worst_arcseconds}");
}

/// USNO, "Phases of the Moon", to the minute; the solar eclipses of 1999-08-11 and 2017-08-21 among them.
#[test]
fn phases_that_everybody_knows() {
    let list = [
        (EventKind::NewMoon, "1999-08-11T11:08:30Z"),
        (EventKind::FullMoon, "2000-01-21T04:40:30Z"),
        (EventKind::NewMoon, "2017-08-21T18:30:30Z"),
        (EventKind::FullMoon, "2018-01-31T13:26:30Z"),
        (EventKind::NewMoon, "2024-04-08T18:20:50Z"),
    ];
    for (kind, text) in list {
        let published = instant(text);
        let event = moon::principal_phases(published - Interval::DAY).next().unwrap();
        assert_eq!(event.kind, kind, "{text}");
        assert!((event.time - published).0.abs() < 120_000, "{text}: {}", event.time);
    }
}

/// Stations of 2024 as almanacs print them, to the minute.
#[test]
fn stations_that_astrologers_printed() {
    let list = [
        (EventKind::MercuryStationRetrograde, "2024-04-01T22:14:30Z"),
        (EventKind::MercuryStationDirect, "2024-04-25T12:54:30Z"),
        (EventKind::MercuryStationRetrograde, "2024-08-05T04:56:30Z"),
        (EventKind::MercuryStationDirect, "2024-08-28T21:14:30Z"),
        (EventKind::MercuryStationRetrograde, "2024-11-26T02:42:30Z"),
        (EventKind::MercuryStationDirect, "2024-12-15T20:56:30Z"),
    ];
    let list = list.map(|(kind, text)| (kind, instant(text)));
    let worst = worst_s(&list, mercury::stations(start(&list)));
    assert!(worst < 120.0, "{worst}");
}
