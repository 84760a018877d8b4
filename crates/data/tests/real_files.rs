//! The shared real files, as the venues and their users publish them.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops where it breaks and says what it skipped"
)]

mod kit;

use data::{BarOptions, LoadedBars, TimeUnit, load_bars, load_funding};
use kit::real;
use model::{Interval, Rate, Time};

fn bars(name: &str) -> Option<LoadedBars> {
    Some(load_bars(&real(name)?, &BarOptions { min_decimals: 1, ..BarOptions::default() }).expect(name))
}

#[test]
fn crash_days_as_the_venues_publish_them() {
    for (name, rows, unit, zero_volume, opens_carried) in [
        ("2020-03-11_14_bitmex_XBTUSD_perp_1m.csv", 5_760, TimeUnit::Calendar, 17, 179),
        ("2022-05-09_13_LUNA_binance_BTCUSDT_perp_1m.csv", 7_200, TimeUnit::Milliseconds, 0, 0),
        ("2022-06-12_14_binance_BTCUSDT_perp_1m.csv", 4_320, TimeUnit::Milliseconds, 0, 0),
        ("2022-11-07_10_FTX_binance_BTCUSDT_perp_1m.csv", 5_760, TimeUnit::Milliseconds, 0, 0),
    ] {
        let Some(loaded) = bars(&format!("scenarios/{name}")) else { return };
        assert_eq!((loaded.bars.len(), loaded.source.time_unit), (rows, unit), "{name}");
        assert_eq!(
            (loaded.report.zero_volume, loaded.report.opens_carried),
            (zero_volume, opens_carried),
            "{name}"
        );
        assert_eq!((loaded.report.missing_total, loaded.report.interval), (0, Interval::MINUTE), "{name}");
    }
}

#[test]
fn funding_of_seven_years() {
    let Some(file) = real("funding/BTCUSDT-funding-2019-2026.csv") else { return };
    let rates = load_funding(&file).unwrap();
    assert_eq!(rates.len(), 7_323);
    assert!(rates.windows(2).all(|pair| pair[1].time - pair[0].time == Interval(8 * Interval::HOUR.0)));
    assert_eq!((rates[0].time, rates[0].rate), (Time(1_568_102_400_000), Rate(100_000_000)));
    assert_eq!(rates[7_322].rate, Rate(40_370_000));
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use super::*;
    use data::Format;
    use model::Price;

    #[test]
    fn two_years_of_minutes() {
        let Some(loaded) = bars("bars/BTCUSDT-perp-1m-2022-2023.parquet") else { return };
        let (report, source) = (&loaded.report, &loaded.source);
        assert_eq!((loaded.bars.len(), source.rows, report.rows), (1_051_200, 1_051_200, 1_051_200));
        assert_eq!((report.interval, report.gaps.len(), report.missing_total), (Interval::MINUTE, 0, 0));
        assert_eq!((source.price_decimals, loaded.tick_decimals), (2, 2));
        assert_eq!((source.format, source.time_unit), (Format::Parquet, TimeUnit::Milliseconds));
        assert_eq!(source.columns.len(), 8);
        let first = loaded.bars.as_bars().get(0);
        assert_eq!(
            (first.open, first.high, first.low, first.close),
            (Price(4_621_057), Price(4_626_541), Price(4_621_055), Price(4_624_666))
        );
        assert_eq!((first.volume, first.open_time), (253.757, Time(1_640_995_200_000)));
        assert_eq!(loaded.bars.close[1_051_199], Price(4_231_400));
        assert_eq!((report.last, report.opens_carried), (Time(1_704_067_140_000), 0));
    }

    #[test]
    fn a_crash_month() {
        let Some(loaded) = bars("bars/XBTUSD-perp-1m-2020-03.parquet") else { return };
        assert_eq!((loaded.bars.len(), loaded.report.missing_total), (44_640, 0));
        assert_eq!((loaded.source.price_decimals, loaded.report.opens_carried), (1, 0));
        assert!(loaded.report.zero_volume >= 15, "the halt of the 13th traded nothing");
    }

    #[test]
    fn bitmex_text_equals_the_cleaned_parquet() {
        let Some(text) = bars("scenarios/2020-03-11_14_bitmex_XBTUSD_perp_1m.csv") else { return };
        let Some(parquet) = real("bars/XBTUSD-perp-1m-2020-03.parquet") else { return };
        assert_eq!((text.bars.len(), text.source.time_unit), (5_760, TimeUnit::Calendar));
        assert_eq!((text.report.opens_carried, text.report.zero_volume), (179, 17));
        let to = text.report.last + Interval::MINUTE;
        let options = BarOptions {
            min_decimals: 1,
            from: Some(text.report.first),
            to: Some(to),
            ..BarOptions::default()
        };
        let parquet = load_bars(&parquet, &options).unwrap();
        assert_eq!(text.bars, parquet.bars);
        assert_eq!(text.source.data_hash, parquet.source.data_hash);
    }

    #[test]
    fn binance_days_equal_the_two_years_where_both_have_them() {
        let Some(years) = real("bars/BTCUSDT-perp-1m-2022-2023.parquet") else { return };
        for (name, rows) in [
            ("scenarios/2022-05-09_13_LUNA_binance_BTCUSDT_perp_1m.csv", 7_200),
            ("scenarios/2022-06-12_14_binance_BTCUSDT_perp_1m.csv", 4_320),
            ("scenarios/2022-11-07_10_FTX_binance_BTCUSDT_perp_1m.csv", 5_760),
        ] {
            let Some(days) = bars(name) else { return };
            assert_eq!((days.bars.len(), days.report.missing_total), (rows, 0), "{name}");
            assert_eq!(days.source.time_unit, TimeUnit::Milliseconds, "{name}");
            let (from, to) = (Some(days.report.first), Some(days.report.last + Interval::MINUTE));
            let same = load_bars(&years, &BarOptions { from, to, ..BarOptions::default() }).unwrap();
            assert_eq!(same.bars.open_time, days.bars.open_time, "{name}");
            assert_eq!(same.tick_decimals, 2, "the tick is that of the whole file, whatever the range");
            let finer = 10_i64.pow(u32::from(2 - days.tick_decimals));
            let cents: Vec<Price> = days.bars.close.iter().map(|close| Price(close.0 * finer)).collect();
            assert_eq!(same.bars.close, cents, "{name}");
        }
    }

    #[test]
    fn marks_of_two_years() {
        let Some(file) = real("funding/BTCUSDT-mark-1h-2022-2023.parquet") else { return };
        let marks = data::load_mark(&file).unwrap();
        assert_eq!((marks.open.len(), marks.interval), (17_520, Interval::HOUR));
        assert_eq!(marks.open[0], model::Mark(462_163_309_811_800));
    }
}
