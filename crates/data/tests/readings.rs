//! Readings of outside influences from text: many spellings, and one line for each thing that can be wrong.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    missing_docs,
    reason = "a test stops where it breaks"
)]

mod kit;

use cosmos::{Factor, Series};
use data::{DataError, ReadingOptions, load_readings, readings_from_bytes};
use kit::real;
use model::{Interval, Time};
use std::path::Path;

fn read(factor: Factor, text: &str, options: &ReadingOptions) -> Result<Series, DataError> {
    readings_from_bytes(Path::new("x.csv"), data::Bytes::copy_from_slice(text.as_bytes()), factor, options)
}

fn usual(factor: Factor, text: &str) -> Result<Series, DataError> {
    read(factor, text, &ReadingOptions::default())
}

#[test]
fn spellings_of_times_and_columns() {
    for text in [
        "timestamp,kp,ap\n2022-01-01 00:00:00+00:00,3.3,18.0\n",
        "ap,Kp Index,UTC\n18,3.3,2022-01-01T00:00:00Z\n",
        "date;value\n2022-01-01;3.3\n",
        "time_tag\tKp\n2022-01-01 00:00:00\t3.3\n",
        "epoch,kp\n1640995200,3.3\n",
        "t,kp\n1640995200000,3.3\n",
        "1640995200,3.3\n",
    ] {
        let series = usual(Factor::Kp, text).expect(text);
        let reading = series.readings()[0];
        assert_eq!(reading.value, 3.3, "{text}");
        assert_eq!(reading.available_at, Time(1_640_995_200_000 + 4 * Interval::HOUR.0), "{text}");
        assert_eq!((series.terms().source.as_str(), series.terms().unit.as_str()), ("file x.csv", "Kp"));
    }
}

#[test]
fn what_the_user_says_holds() {
    let options = ReadingOptions {
        column: Some("Hz (7.83)".to_owned()),
        unit: Some("Hz".to_owned()),
        source: Some("an observatory".to_owned()),
        interval: Some(Interval::minutes(30)),
        lag: Some(Interval(0)),
        stale_after: Some(Interval::HOUR),
    };
    let text = "time,power,hz_783\n2022-01-01,50,7.8\n2022-01-01 00:30,51,7.9\n";
    let series = read(Factor::Schumann, text, &options).unwrap();
    assert_eq!(series.readings()[1].value, 7.9);
    assert_eq!(series.readings()[1].available_at, Time(1_640_995_200_000 + Interval::HOUR.0));
    assert_eq!((series.terms().source.as_str(), series.terms().unit.as_str()), ("an observatory", "Hz"));
    let unnamed = usual(Factor::Schumann, text).unwrap();
    assert_eq!((unnamed.terms().unit.as_str(), unnamed.readings()[0].value), ("power", 50.0));
}

#[test]
fn whatever_is_wrong_is_one_line_with_file_and_row() {
    let named =
        |column: &str| ReadingOptions { column: Some(column.to_owned()), ..ReadingOptions::default() };
    let usual = ReadingOptions::default;
    for (factor, text, options, problem) in [
        (Factor::Kp, "", usual(), "x.csv holds no rows"),
        (Factor::Kp, "time,kp\n", usual(), "x.csv holds no rows"),
        (
            Factor::Kp,
            "time,ap\n2022-01-01,3\n",
            usual(),
            "x.csv has no column for the values of kp; its columns are time, ap",
        ),
        (
            Factor::Kp,
            "when,kp\n2022-01-01,3\n",
            named("level"),
            "x.csv has no column for the times and `level` of kp; its columns are when, kp",
        ),
        (
            Factor::Kp,
            "2022-01-01,3\n",
            named("kp"),
            "x.csv has no column for `kp` of kp; its columns are without names",
        ),
        (Factor::Kp, "time,kp,KP\n2022-01-01,3,4\n", usual(), "x.csv has more than one column `kp`"),
        (Factor::Kp, "time,kp\n2022-01-01,\n", usual(), "x.csv: row 1, column `kp`: no value"),
        (
            Factor::Kp,
            "time,kp\n2022-01-01,2\n2022-01-02,nan\n",
            usual(),
            "x.csv: row 2, column `kp`: NaN is not a finite number",
        ),
        (
            Factor::Kp,
            "time,kp\n2022-01-01,2\nsoon,3\n",
            usual(),
            "x.csv: row 2, column `time`: `soon` is not a time",
        ),
        (
            Factor::Kp,
            "time,kp\n2022-01-02,2\n2022-01-01,3\n",
            usual(),
            "x.csv: row 2: 2022-01-01T00:00:00Z comes after 2022-01-02T00:00:00Z",
        ),
        (
            Factor::Sentiment,
            "time,fng\n2022-01-01,101\n",
            usual(),
            "x.csv: row 1: 101 is no reading of sentiment, which lies between 0 and 100",
        ),
        (Factor::Kp, "time,kp\n2022-01-01,2,3\n", usual(), "x.csv: row 1 has 3 fields, not 2"),
        (
            Factor::Moon,
            "time,value\n2022-01-01,2\n",
            usual(),
            "x.csv: moon is worked out, not read from a series",
        ),
        (Factor::Schumann, "time,power\n2022-01-01,0\n", usual(), "x.csv: there are no readings of schumann"),
        (Factor::Kp, "PAR1 and more", usual(), "x.csv is a Parquet file, and readings are read from CSV"),
    ] {
        let error = read(factor, text, &options).expect_err(text);
        assert_eq!(error.to_string(), problem);
        assert!(!error.hint().is_empty());
    }
}

#[test]
fn the_shared_series() {
    for (factor, name, readings, duplicates, outages) in [
        (Factor::Kp, "cosmic/kp-3h-2018-2025.csv", 22_064, 0, 0),
        (Factor::Sentiment, "cosmic/fear-greed-2018-2026.csv", 2_931, 0, 0),
        (Factor::Schumann, "cosmic/schumann-power-hourly-2018-2025.csv", 47_971, 286, 2_759),
    ] {
        let Some(file) = real(name) else { return };
        let series = load_readings(&file, factor, &ReadingOptions::default()).unwrap();
        assert_eq!(
            (series.readings().len(), series.duplicates_dropped(), series.outages_dropped()),
            (readings, duplicates, outages),
            "{name}"
        );
        assert!(series.readings().iter().rev().take(1_000).any(|reading| reading.felt.is_some()), "{name}");
    }
}
