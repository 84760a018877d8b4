//! Everything that can be wrong with a file of bars: one clear line each, and a hint.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops where it breaks and says what it skipped"
)]

mod kit;

use data::{
    BarOptions, Bytes, DataError, Repair, bars_from_bytes, funding_from_bytes, load_bars, mark_from_bytes,
};
use kit::{START_MS, csv, minute};
use model::Time;
use std::path::Path;

const HEADER: &str = "open_time,open,high,low,close,volume";

fn load(text: &str, options: &BarOptions) -> Result<data::LoadedBars, DataError> {
    bars_from_bytes(Path::new("x.csv"), Bytes::copy_from_slice(text.as_bytes()), options)
}

/// Five minutes, one field of which is replaced.
fn with(row: usize, column: usize, value: &str) -> String {
    let mut text = format!("{HEADER}\n");
    for i in 0..5 {
        let mut fields = minute(i as i64);
        if i + 1 == row {
            fields[column] = value.to_owned();
        }
        text.push_str(&fields.join(","));
        text.push('\n');
    }
    text
}

fn rows(order: &[i64]) -> String {
    let lines: Vec<String> = order.iter().map(|&i| minute(i).join(",")).collect();
    format!("{HEADER}\n{}\n", lines.join("\n"))
}

#[track_caller]
fn refused(text: &str, message: &str, hint: &str) {
    let error = load(text, &BarOptions::default()).unwrap_err();
    assert_eq!((error.to_string().as_str(), error.hint().as_str()), (message, hint));
}

const ROW_HINT: &str = "remove the row (gaps are allowed) or put the right number in";
const MEND_HINT: &str =
    "check that the columns are named rightly, then mend or remove the row (gaps are allowed)";
const FINE_HINT: &str = "export the prices as decimals as traded: \
                         computed ones (averages, ratios, 32-bit floats) are not exact";
const UNIT_HINT: &str = "give seconds, milliseconds, microseconds or nanoseconds since 1970, in UTC";

#[test]
fn values_that_are_no_prices() {
    for (column, value, message, hint) in [
        (2, "nan", "column `high`: `nan` is not a finite number", ROW_HINT),
        (4, "inf", "column `close`: `inf` is not a finite number", ROW_HINT),
        (1, "", "column `open`: no value", ROW_HINT),
        (1, "4x", "column `open`: `4x` is not a finite number", ROW_HINT),
        (3, "-1.5", "column `low`: the price -1.50 is not positive", MEND_HINT),
        (3, "0", "column `low`: the price 0.00 is not positive", MEND_HINT),
        (4, "47000", "column `close`: 47000.00 lies outside the bar's range 46001.13 to 46001.64", MEND_HINT),
        (1, "1", "column `open`: 1.00 lies outside the bar's range 46001.13 to 46001.64", MEND_HINT),
        (1, "46001.00000000001", "column `open`: 46001.00000000001 has more than 10 decimals", FINE_HINT),
        (
            1,
            "46001.0000000000000000001",
            "column `open`: `46001.0000000000000000001` has more than 10 decimals",
            FINE_HINT,
        ),
    ] {
        refused(&with(3, column, value), &format!("x.csv: row 3, {message}"), hint);
    }
    refused(&with(3, 3, "46001.70"), "x.csv: row 3: the high 46001.64 is below the low 46001.70", MEND_HINT);
    let hint = "check the unit of that column: prices are in USDT per coin";
    refused(&with(3, 1, "1e30"), "x.csv: row 3, column `open`: `1e30` is too large at 0 decimals", hint);
    refused(
        &with(3, 1, "90000000000000000"),
        "x.csv: row 3, column `open`: 90000000000000000.00 is too large at 2 decimals",
        hint,
    );
}

#[test]
fn volumes() {
    let hint = "check which column holds the volume, then mend or remove the row";
    refused(&with(2, 5, "-1"), "x.csv: row 2, column `volume`: the volume -1 is negative", hint);
    refused(&with(2, 5, "NaN"), "x.csv: row 2, column `volume`: NaN is not a finite number", ROW_HINT);
    let loaded = load(&with(2, 5, "-0.0"), &BarOptions::default()).unwrap();
    assert_eq!(loaded.bars.volume[1].to_bits(), 0);
    assert_eq!(loaded.report.zero_volume, 1);
}

#[test]
fn order_and_duplicates() {
    let hint = "sort the rows and drop repeats, or import with --sort";
    refused(
        &rows(&[0, 1, 3, 2, 4]),
        "x.csv: row 4: 2022-01-01T00:02:00Z comes after 2022-01-01T00:03:00Z",
        hint,
    );
    refused(&rows(&[0, 1, 1, 2]), "x.csv: row 3: 2022-01-01T00:01:00Z is there twice", hint);
}

#[test]
fn sorting_when_asked_says_what_it_did() {
    let sort = BarOptions { repair: Repair::Sort, ..BarOptions::default() };
    let loaded = load(&rows(&[3, 0, 1, 1, 2, 0]), &sort).unwrap();
    assert_eq!((loaded.report.rows_moved, loaded.report.duplicates_dropped), (2, 2));
    let straight = load(&rows(&[0, 1, 2, 3]), &BarOptions::default()).unwrap();
    assert_eq!(loaded.bars, straight.bars);
    assert_eq!(loaded.source.data_hash, straight.source.data_hash);
    assert_eq!(loaded.source.rows, 6);
    let text =
        rows(&[3, 0, 1, 1, 2]).replacen(&minute(1).join(","), &minute(1).join(",").replace(".125", ".5"), 1);
    let error = load(&text, &sort).unwrap_err();
    assert_eq!(error.to_string(), "x.csv: row 4: 2022-01-01T00:01:00Z is there twice with different values");
    assert_eq!(error.hint(), "decide which of the two rows is right and remove the other");
    let error = load(&rows(&[3, 0, 1]).replacen("46000.40", "1", 1), &sort).unwrap_err();
    assert!(error.to_string().starts_with("x.csv: row 2, column `open`: 1.00 lies outside"), "{error}");
}

#[test]
fn units_of_time() {
    let minutes = |per_minute: i64, start: i64| {
        let lines = (0..5).map(|i| {
            let mut fields = minute(i);
            fields[0] = (start + i * per_minute).to_string();
            fields.join(",")
        });
        format!("{HEADER}\n{}\n", lines.collect::<Vec<_>>().join("\n"))
    };
    for (per_minute, start, unit) in [
        (60, START_MS / 1_000, data::TimeUnit::Seconds),
        (60_000, START_MS, data::TimeUnit::Milliseconds),
        (60_000_000, START_MS * 1_000, data::TimeUnit::Microseconds),
        (60_000_000_000, START_MS * 1_000_000, data::TimeUnit::Nanoseconds),
    ] {
        let loaded = load(&minutes(per_minute, start), &BarOptions::default()).unwrap();
        assert_eq!((loaded.source.time_unit, loaded.report.first), (unit, Time(START_MS)));
        assert_eq!(loaded.report.interval, model::Interval::MINUTE);
    }
    let value = START_MS / 60_000;
    let message = format!("x.csv: row 1, column `open_time`: {value} is no time between 2000 and 2100");
    refused(&minutes(1, value), &message, UNIT_HINT);
    let hint = "check the unit of the time column; bars of a second or longer are read";
    let message = "x.csv: its rows are 60 ms apart, which is not a whole number of seconds";
    refused(&minutes(60, START_MS), message, hint);
    let hint = "give the time at which each bar opens, not the one at which it closes";
    let message =
        "x.csv: row 1: 2022-01-01T00:00:59.999Z is not on a whole second, so it is not the open of a bar";
    refused(&minutes(60_000, START_MS + 59_999), message, hint);
}

#[test]
fn times_that_disagree() {
    let seconds = (START_MS / 1_000 + 120).to_string();
    let message =
        format!("x.csv: row 3, column `open_time`: {seconds} is not in milliseconds as the first row is");
    refused(&with(3, 0, &seconds), &message, "give all rows in one unit; Binance changed its unit in 2025");
    let hint = "write times as 2022-01-01T00:00:00Z or as a whole number since 1970";
    refused(&with(3, 0, "noon"), "x.csv: row 3, column `open_time`: `noon` is not a time", hint);
    let message = "x.csv: row 3, column `open_time`: `2022-01-01 00:02` is not a time";
    refused(&with(3, 0, "2022-01-01 00:02"), message, hint);
    refused(
        &with(2, 0, "17"),
        "x.csv: row 2, column `open_time`: 17 is no time between 2000 and 2100",
        UNIT_HINT,
    );
    let hint = "give bars of one interval in a file";
    let message =
        "x.csv: row 5: 2022-01-01T00:04:30Z is not a whole number of 1m bars after 2022-01-01T00:03:00Z";
    refused(&with(5, 0, &(START_MS + 270_000).to_string()), message, hint);
}

#[test]
fn shapes() {
    let empty = "check that the export or download was complete";
    refused("", "x.csv holds no rows", empty);
    refused(HEADER, "x.csv holds no rows", empty);
    refused(
        &rows(&[0]),
        "x.csv holds one row: the interval of its bars cannot be told",
        "give at least two rows",
    );
    let hint = "name the columns in a first row, for bars: open_time,open,high,low,close,volume";
    let message = "x.csv has no column for high, volume; its columns are time, open, low, close";
    refused("time,open,low,close\n1,2,3,4\n", message, hint);
    let message = "x.csv has no column for volume; its columns are 5 without names";
    refused("1640995200000,1,1,1,1\n", message, hint);
    let hint = "look at that row: the file may be cut off there or joined from two";
    refused(csv(5).trim_end().rsplit_once(',').unwrap().0, "x.csv: row 5 has 5 fields, not 6", hint);
    let hint = "remove or rename one of them";
    refused("time,open,Open,high,low,close,volume\n", "x.csv has more than one column `open`", hint);
    let hint = "unpack it if it is compressed (gzip, 7z), or export it as CSV";
    let message = "x.csv is neither text nor Parquet, Feather, zip or xlsx";
    refused("\u{1f}\u{8b}\u{8}\0\0", message, hint);
    let columns = vec!["x"; 300].join(",");
    refused(
        &columns,
        "x.csv has 300 columns, more than the 256 that are read",
        "split the file and import the parts",
    );
}

#[test]
fn files_that_are_not_there() {
    let error = load_bars(Path::new("/nonexistent/x.csv"), &BarOptions::default()).unwrap_err();
    assert_eq!(error.to_string(), "cannot read /nonexistent/x.csv: No such file or directory (os error 2)");
    assert_eq!(error.hint(), "check the path and its permissions");
}

#[test]
fn ranges_of_dates() {
    let at = |minute: i64| Some(Time(START_MS + minute * 60_000));
    let range = |from, to| load(&csv(10), &BarOptions { from, to, ..BarOptions::default() });
    let loaded = range(at(2), at(5)).unwrap();
    assert_eq!((loaded.report.first, loaded.report.last), (at(2).unwrap(), at(4).unwrap()));
    assert_eq!((loaded.bars.len(), loaded.report.rows, loaded.source.rows), (3, 3, 10));
    assert_eq!(range(at(7), None).unwrap().bars.len(), 3);
    let error = range(at(5), at(5)).unwrap_err();
    assert_eq!(error.to_string(), "the range from 2022-01-01T00:05:00Z to 2022-01-01T00:05:00Z is empty");
    assert_eq!(error.hint(), "give a start that lies before the end");
    let error = range(at(10), None).unwrap_err();
    assert_eq!(error.to_string(), "x.csv has no rows from 2022-01-01T00:10:00Z to its end");
    assert_eq!(error.hint(), "the file covers 2022-01-01T00:00:00Z to 2022-01-01T00:09:00Z");
}

#[test]
fn gaps_are_told_not_refused() {
    let loaded = load(&rows(&[0, 1, 4, 5, 9]), &BarOptions::default()).unwrap();
    let gap = |minute: i64, missing_bars| data::Gap { after: Time(START_MS + minute * 60_000), missing_bars };
    assert_eq!(loaded.report.gaps, [gap(1, 2), gap(5, 3)]);
    assert_eq!(loaded.report.missing_total, 5);
}

#[test]
fn an_open_carried_from_the_last_close_widens_its_bar() {
    let text = format!(
        "{HEADER}\n{START_MS},10,11,9,10.5,1\n{},10.5,10,9,9.5,1\n{},9.5,12,9.5,11,1\n",
        START_MS + 60_000,
        START_MS + 120_000
    );
    let loaded = load(&text, &BarOptions::default()).unwrap();
    assert_eq!(loaded.report.opens_carried, 1);
    assert_eq!(loaded.bars.high[1], model::Price(105));
}

#[test]
fn funding() {
    let load = |text: &str| funding_from_bytes(Path::new("f.csv"), Bytes::copy_from_slice(text.as_bytes()));
    let rates = load(
        "calc_time,funding_interval_hours,last_funding_rate\n1640995200007,8,0.0001\n1641024000000,8,-4.5e-05\n",
    );
    let rates: Vec<(i64, i64)> = rates.unwrap().iter().map(|rate| (rate.time.0, rate.rate.0)).collect();
    assert_eq!(rates, [(START_MS, 100_000_000), (1_641_024_000_000, -45_000_000)]);
    for (text, message) in [
        (
            "fundingTime,fundingRate\n1640995200000,0.1\n1641024000000,0.5\n",
            "f.csv: row 2, column `fundingRate`: 0.500000000000 is no funding rate",
        ),
        (
            "time,rate\n1640995200000,0.1\n1640995200000,0\n",
            "f.csv: row 2: 2022-01-01T00:00:00Z is there twice",
        ),
        (
            "time,rate\n1641024000000,0.1\n1640995200000,0\n",
            "f.csv: row 2: 2022-01-01T00:00:00Z comes after 2022-01-01T08:00:00Z",
        ),
        (
            "time,rate\n1640995200000,0.0000000000001\n",
            "f.csv: row 1, column `rate`: 0.0000000000001 has more than 12 decimals",
        ),
        ("time,rate\n", "f.csv holds no rows"),
        ("time,price\n1,2\n", "f.csv has no column for funding_rate; its columns are time, price"),
    ] {
        assert_eq!(load(text).map_err(|error| error.to_string()), Err(message.to_owned()));
    }
}

#[test]
fn marks() {
    let text = "open_time,open,high,low,close\n1640995200000,46216.33098118,46723.3712615,46216.33098118,46649.99\n\
                1640998800000,46650.01,46932.36401592,46576.19660932,46771.80673825\n";
    let marks = mark_from_bytes(Path::new("m.csv"), Bytes::from_static(text.as_bytes())).unwrap();
    assert_eq!(marks.open[0], model::Mark(462_163_309_811_800));
    assert_eq!((marks.close[0].0, marks.interval), (466_499_900_000_000, model::Interval::HOUR));
    let error = mark_from_bytes(Path::new("m.csv"), Bytes::from(text.replace("46723", "46200"))).unwrap_err();
    assert_eq!(error.to_string(), "m.csv: row 1: the high 46200.37126150 is below the low 46216.33098118");
}
