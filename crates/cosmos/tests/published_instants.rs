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
