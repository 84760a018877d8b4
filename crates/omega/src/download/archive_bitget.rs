//! Bitget's archive: a workbook inside a zip for each day, and its days begin at midnight in UTC+8.
//!
//! Pure. A UTC day is the last two thirds of one of its days and the first third of the next. It refuses to make a
//! UTC day out of one of them.

use super::plan::{Body, Check};
use super::rows::Rows;
use data::catalogue::Period;
use data::{BarOptions, Bytes, DataError, LoadedBars, Repair};
use model::{Interval, Time};
use std::path::Path;

/// Where it is.
pub const BASE: &str = "https://img.bitgetimg.com/online";

/// How far its days begin before UTC's.
const AHEAD: Interval = Interval(8 * Interval::HOUR.0);

/// Where the names of its files changed: 2024-04-19.
const RENAMED: Time = Time(19_832 * Interval::DAY.0);

/// The two zips that hold a UTC day.
pub fn bodies(base: &str, symbol: &str, utc_day: Time) -> Vec<Body> {
    [utc_day, utc_day + Interval::DAY].into_iter().map(|day| body(base, symbol, day)).collect()
}

fn body(base: &str, symbol: &str, day: Time) -> Body {
    let (year, month, date) = day.date();
    let name = format!("{year:04}{month:02}{date:02}");
    let path = if day < RENAMED {
        format!("kline/{symbol}/{symbol}_UMCBL_1min_{name}.zip")
    } else {
        format!("kline/{symbol}/UMCBL/{name}.zip")
    };
    Body { url: format!("{base}/{path}"), check: Check::EntityTag }
}

/// The UTC day in two zips; an error comes with the index of the zip that it is about.
pub fn rows(period: Period, places: [&Path; 2], zips: [Bytes; 2]) -> Result<Rows, (usize, DataError)> {
    let middle = Time(period.end().0 - AHEAD.0);
    let part = |place: &Path, bytes: Bytes, from: Time, to: Time| -> Result<LoadedBars, DataError> {
        let options =
            BarOptions { from: Some(from), to: Some(to), repair: Repair::Sort, ..BarOptions::default() };
        data::bars_from_bytes(place, bytes, &options)
    };
    let [earlier, later] = zips;
    let parts = vec![
        part(places[0], earlier, period.start(), middle).map_err(|error| (0, error))?,
        part(places[1], later, middle, period.end()).map_err(|error| (1, error))?,
    ];
    let joined = data::catalogue::joined_bars(places[0], parts);
    joined.map(|bars| Rows::Bars(Box::new(bars))).map_err(|error| (0, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_utc_day_takes_two_files_and_names_changed_once() {
        let urls = |name: &str| {
            let day = Period::from_name(name).unwrap().start();
            bodies("b", "BTCUSDT", day).into_iter().map(|body| body.url).collect::<Vec<_>>()
        };
        assert_eq!(
            urls("2024-04-18"),
            ["b/kline/BTCUSDT/BTCUSDT_UMCBL_1min_20240418.zip", "b/kline/BTCUSDT/UMCBL/20240419.zip"]
        );
        assert_eq!(
            urls("2024-12-31"),
            ["b/kline/BTCUSDT/UMCBL/20241231.zip", "b/kline/BTCUSDT/UMCBL/20250101.zip"]
        );
    }

    /// A file of the archive as text: the day that begins at 16:00 UTC the day before.
    fn file(utc_midnight: Time) -> Bytes {
        let mut text = "timestamp,open,high,low,close,basevolume,usdtvolume\n".to_owned();
        for minute in 0..1_440 {
            let time = utc_midnight.0 / 1_000 - 8 * 3_600 + minute * 60;
            text.push_str(&format!("{time},{0},{0},{0},{0},1,2\n", time / 60 % 100_000 + 1));
        }
        Bytes::from(text)
    }

    #[test]
    fn two_files_are_stitched_to_a_utc_day() {
        let period = Period::from_name("2024-05-02").unwrap();
        let zips = [file(period.start()), file(period.end())];
        let place = Path::new("x");
        let Rows::Bars(loaded) = rows(period, [place, place], zips.clone()).unwrap() else { panic!("bars") };
        assert_eq!(loaded.bars.len(), 1_440);
        assert_eq!((loaded.report.first, loaded.report.missing_total), (period.start(), 0));
        assert_eq!(loaded.report.last + Interval::MINUTE, period.end());
        for i in [0, 959, 960, 1_439] {
            let minute = loaded.bars.open_time[i].0 / 60_000;
            assert_eq!(loaded.bars.open[i].0, minute % 100_000 + 1, "row {i} is the row of its own minute");
        }
        let [earlier, _] = zips;
        assert!(rows(period, [place, place], [earlier.clone(), earlier]).is_err(), "half a day is no day");
    }
}
