//! The catalogue: what is kept is what is read, what was half written does not count, and damage is found.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test stops where it breaks")]

mod kit;

use data::catalogue::{
    Catalogue, Fault, Kind, Origin, Period, Provenance, Series, Span, funding_of_folder, load_bars_of_folder,
    mark_of_folder,
};
use data::{BarOptions, Bytes, bars_from_bytes};
use kit::{START_MS, Scratch, csv};
use model::{BarColumns, FundingRate, Interval, Rate, Time};
use std::fs;
use std::path::Path;

fn series(kind: Kind) -> Series {
    Series::new(Origin::Binance, "BTCUSDT", kind, Interval::MINUTE).unwrap()
}

fn day(n: i64) -> Period {
    Period::Day(Time(START_MS + n * Interval::DAY.0))
}

/// Three days of minutes in ticks of a cent.
fn minutes() -> BarColumns {
    let text = Bytes::from(csv(3 * 1_440));
    bars_from_bytes(Path::new("x.csv"), text, &BarOptions::default()).unwrap().bars
}

fn part(bars: &BarColumns, period: Period) -> BarColumns {
    let view = bars.as_bars().between(period.start(), period.end());
    let mut part = BarColumns::new(bars.interval);
    (0..view.len()).for_each(|i| part.push(view.get(i)));
    part
}

fn provenance() -> Provenance {
    Provenance { urls: vec!["http://127.0.0.1/x.zip".to_owned()], checks: vec!["none".to_owned()] }
}

fn stored(scratch: &Scratch, days: &[i64]) -> (Catalogue, BarColumns) {
    let (catalogue, bars) = (Catalogue::at(scratch.path("root")), minutes());
    for &n in days {
        let columns = part(&bars, day(n));
        catalogue.store_bars(&series(Kind::Bars), day(n), &columns, 2, provenance()).unwrap();
    }
    (catalogue, bars)
}

#[test]
fn days_are_read_as_the_bars_they_were_cut_from() {
    let scratch = Scratch::new();
    let (catalogue, bars) = stored(&scratch, &[2, 0, 1]);
    let bars_series = series(Kind::Bars);
    let loaded = load_bars_of_folder(&catalogue.folder(&bars_series), &BarOptions::default()).unwrap();
    assert_eq!((&loaded.bars, loaded.tick_decimals), (&bars, 2));
    let whole =
        bars_from_bytes(Path::new("x.csv"), Bytes::from(csv(3 * 1_440)), &BarOptions::default()).unwrap();
    assert_eq!(loaded.source.data_hash, whole.source.data_hash, "equal bars have equal hashes");
    assert_eq!(loaded.report, whole.report);
    let noon = day(1).start() + Interval(12 * Interval::HOUR.0);
    let options = BarOptions { from: Some(noon), to: Some(day(1).end()), ..BarOptions::default() };
    let loaded = load_bars_of_folder(&catalogue.folder(&bars_series), &options).unwrap();
    assert_eq!((loaded.bars.len(), loaded.report.first), (720, noon));
    assert_eq!(catalogue.series().unwrap(), std::slice::from_ref(&bars_series));
    assert_eq!(catalogue.check(&bars_series, None).unwrap(), []);
}

#[test]
fn marks_and_funding_are_kept_exactly() {
    let scratch = Scratch::new();
    let (catalogue, bars) = (Catalogue::at(scratch.path("root")), minutes());
    let columns = part(&bars, day(0));
    catalogue.store_bars(&series(Kind::Mark), day(0), &columns, 2, provenance()).unwrap();
    let marks = mark_of_folder(&catalogue.folder(&series(Kind::Mark)), None, None).unwrap();
    assert_eq!((marks.open.len(), marks.open[7].0), (1_440, columns.open[7].0 * 100_000_000));
    let rates: Vec<FundingRate> = (0..3)
        .map(|n| FundingRate { time: Time(START_MS + n * 8 * Interval::HOUR.0), rate: Rate(-1 - n) })
        .collect();
    let entry = catalogue.store_funding(&series(Kind::Funding), day(0), &rates, provenance()).unwrap();
    assert!(entry.manifest.holes.is_empty(), "every eight hours is complete");
    assert_eq!(funding_of_folder(&catalogue.folder(&series(Kind::Funding)), None, None).unwrap(), rates);
    assert_eq!(catalogue.check(&series(Kind::Funding), None).unwrap(), []);
}

#[test]
fn a_file_without_its_manifest_does_not_count_and_stops_a_reader() {
    let scratch = Scratch::new();
    let (catalogue, _) = stored(&scratch, &[0, 1]);
    let listing = catalogue.listing(&series(Kind::Bars)).unwrap();
    let manifest = format!("{}.manifest", listing.entries[1].file.display());
    fs::remove_file(manifest).unwrap();
    let listing = catalogue.listing(&series(Kind::Bars)).unwrap();
    assert_eq!((listing.entries.len(), listing.strays.len()), (1, 1));
    let folder = catalogue.folder(&series(Kind::Bars));
    let error = load_bars_of_folder(&folder, &BarOptions::default()).unwrap_err();
    assert_eq!(error.hint(), "`omega data verify --repair` fetches it again");
    let options = BarOptions { to: Some(day(0).end()), ..BarOptions::default() };
    assert!(load_bars_of_folder(&folder, &options).is_ok(), "what is out of the range stops nobody");
}

#[test]
fn rot_holes_and_absence_are_told_apart() {
    let scratch = Scratch::new();
    let (catalogue, bars) = stored(&scratch, &[0]);
    let mut holed = part(&bars, day(2));
    for column in [&mut holed.open, &mut holed.high, &mut holed.low, &mut holed.close] {
        column.drain(10..20);
    }
    holed.open_time.drain(10..20);
    holed.volume.drain(10..20);
    catalogue.store_bars(&series(Kind::Bars), day(2), &holed, 2, provenance()).unwrap();
    let findings = catalogue.check(&series(Kind::Bars), None).unwrap();
    let minute = |n: i64| day(2).start() + Interval(n * 60_000);
    let found: Vec<_> = findings.iter().map(|finding| (finding.span, finding.fault.clone())).collect();
    let hole = Span { from: minute(10), to: minute(20) };
    assert_eq!(found, [(Some(day(1).into()), Fault::Absent), (Some(hole), Fault::Hole)]);
    let file = &catalogue.listing(&series(Kind::Bars)).unwrap().entries[0].file;
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(file, bytes).unwrap();
    let findings = catalogue.check(&series(Kind::Bars), None).unwrap();
    let sound = findings.iter().filter(|finding| finding.span == Some(day(0).into()));
    let faults: Vec<&Fault> = sound.map(|finding| &finding.fault).collect();
    assert!(matches!(faults[..], [Fault::Damaged(why)] if why.contains("sha256")), "{findings:?}");
}

#[test]
fn no_day_is_there_twice() {
    let scratch = Scratch::new();
    let (catalogue, bars) = stored(&scratch, &[0, 1]);
    let month = Period::month_of(Time(START_MS));
    catalogue.store_bars(&series(Kind::Bars), month, &bars, 2, provenance()).unwrap();
    let listing = catalogue.listing(&series(Kind::Bars)).unwrap();
    assert_eq!((listing.entries.len(), listing.strays.len()), (2, 1));
    assert!(listing.strays[0].why.contains("same days"));
    assert!(load_bars_of_folder(&catalogue.folder(&series(Kind::Bars)), &BarOptions::default()).is_err());
}

#[test]
fn what_a_killed_writer_left_is_swept() {
    let scratch = Scratch::new();
    let (catalogue, _) = stored(&scratch, &[0]);
    let left = catalogue.folder(&series(Kind::Bars)).join(".2022-01-02.csv.99-0.part");
    fs::write(&left, "half").unwrap();
    catalogue.sweep(&series(Kind::Bars)).unwrap();
    assert!(!left.exists());
    assert_eq!(catalogue.listing(&series(Kind::Bars)).unwrap().entries.len(), 1);
}

#[test]
fn a_byte_that_was_edited_stops_a_reader() {
    let scratch = Scratch::new();
    let (catalogue, bars) = stored(&scratch, &[0]);
    catalogue.store_bars(&series(Kind::Mark), day(0), &part(&bars, day(0)), 2, provenance()).unwrap();
    let rates = [FundingRate { time: Time(START_MS), rate: Rate(1_000_000) }];
    catalogue.store_funding(&series(Kind::Funding), day(0), &rates, provenance()).unwrap();
    for kind in [Kind::Bars, Kind::Mark, Kind::Funding] {
        let file = catalogue.listing(&series(kind)).unwrap().entries[0].file.clone();
        let mut bytes = fs::read(&file).unwrap();
        let at = bytes.len() - 3;
        bytes[at] ^= 1;
        fs::write(&file, bytes).unwrap();
        let folder = catalogue.folder(&series(kind));
        let error = match kind {
            Kind::Funding => funding_of_folder(&folder, None, None).unwrap_err(),
            Kind::Mark => mark_of_folder(&folder, None, None).unwrap_err(),
            _ => load_bars_of_folder(&folder, &BarOptions::default()).unwrap_err(),
        };
        assert!(error.to_string().contains("damaged"), "{error}");
        assert!(error.hint().contains("verify --repair"), "{}", error.hint());
    }
}

#[test]
fn a_name_beyond_the_calendar_and_what_is_not_ours_are_let_be() {
    let scratch = Scratch::new();
    let (catalogue, bars) = stored(&scratch, &[0]);
    let folder = catalogue.folder(&series(Kind::Bars));
    fs::write(folder.join("9999-12.csv"), "x").unwrap();
    fs::write(folder.join("2022-01-02.bak"), "mine").unwrap();
    let listing = catalogue.listing(&series(Kind::Bars)).unwrap();
    assert_eq!((listing.entries.len(), listing.strays.len()), (1, 1), "{:?}", listing.strays);
    assert!(listing.strays[0].why.contains("no day or month"), "{:?}", listing.strays);
    let month = Period::month_of(Time(START_MS));
    catalogue.store_bars(&series(Kind::Bars), month, &bars, 2, provenance()).unwrap();
    catalogue.drop_replaced(&series(Kind::Bars)).unwrap();
    assert!(folder.join("2022-01-02.bak").exists() && folder.join("9999-12.csv").exists());
}

#[test]
fn what_cannot_replace_a_file_leaves_it_as_it_was() {
    let scratch = Scratch::new();
    let (catalogue, bars) = stored(&scratch, &[0]);
    let before = catalogue.listing(&series(Kind::Bars)).unwrap();
    let hours = BarColumns { interval: Interval::HOUR, ..part(&bars, day(0)) };
    assert!(catalogue.store_bars(&series(Kind::Bars), day(0), &hours, 2, provenance()).is_err());
    assert_eq!(catalogue.listing(&series(Kind::Bars)).unwrap(), before);
    assert_eq!(catalogue.check(&series(Kind::Bars), None).unwrap(), []);
    assert_eq!(fs::read_dir(catalogue.folder(&series(Kind::Bars))).unwrap().count(), 2, "and nothing beside");
}

#[test]
fn what_a_new_file_covers_goes_and_the_only_copy_stays() {
    let scratch = Scratch::new();
    let (catalogue, bars) = stored(&scratch, &[0, 1, 2]);
    let folder = catalogue.folder(&series(Kind::Bars));
    let file = |n: usize| catalogue.listing(&series(Kind::Bars)).unwrap().entries[n].file.clone();
    let (whole, rotten) = (file(1), file(2));
    let manifest = format!("{}.manifest", whole.display());
    let text = fs::read_to_string(&manifest).unwrap();
    fs::remove_file(&manifest).unwrap();
    let mut bytes = fs::read(&rotten).unwrap();
    bytes[50] ^= 1;
    fs::write(&rotten, bytes).unwrap();
    catalogue.drop_replaced(&series(Kind::Bars)).unwrap();
    assert!(whole.exists() && rotten.exists(), "nothing replaces them");
    fs::remove_file(folder.join(file(0).file_name().unwrap())).unwrap();
    let month = Period::month_of(Time(START_MS));
    let stored = catalogue.store_bars(&series(Kind::Bars), month, &bars, 2, provenance()).unwrap();
    assert!(!whole.exists() && !rotten.exists(), "the month covers them");
    fs::write(&whole, "x").unwrap();
    fs::write(&manifest, text).unwrap();
    catalogue.drop_replaced(&series(Kind::Bars)).unwrap();
    let listing = catalogue.listing(&series(Kind::Bars)).unwrap();
    assert_eq!((listing.entries, listing.strays), (vec![stored], vec![]));
    assert!(!whole.exists());
}
