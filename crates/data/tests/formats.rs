//! One set of bars through every format, and what each format's own habits are.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops where it breaks and says what it skipped"
)]

mod kit;

use data::{BarOptions, Bytes, DataError, Format, LoadedBars, bars_from_bytes, load_bars, write_bars};
use kit::{Scratch, binance, csv};
use model::{BarColumns, Step};
use std::path::Path;

fn load(name: &str, bytes: impl Into<Vec<u8>>) -> Result<LoadedBars, DataError> {
    let options = BarOptions { min_decimals: 1, ..BarOptions::default() };
    bars_from_bytes(Path::new(name), Bytes::from(bytes.into()), &options)
}

/// The well-formed minutes that every format must give back.
fn expected(rows: i64) -> BarColumns {
    load("x.csv", csv(rows)).unwrap().bars
}

#[test]
fn csv_habits() {
    let want = expected(40);
    let plain = csv(40);
    let crlf = plain.replace('\n', "\r\n");
    let with_mark = format!("\u{feff}{plain}");
    let quoted = plain.replacen("open_time", "\"open_time\"", 1);
    let semicolons = plain.replace(',', ";");
    let tabs = plain.replace(',', "\t");
    let blank_lines = plain.replacen('\n', "\n\n", 3);
    for (name, text) in [
        ("crlf", crlf),
        ("byte order mark", with_mark),
        ("quoted", quoted),
        ("semicolons", semicolons),
        ("tabs", tabs),
        ("blank lines", blank_lines),
        ("binance with header", binance(40, true)),
        ("binance without header", binance(40, false)),
    ] {
        let loaded = load(name, text).unwrap();
        assert_eq!(loaded.bars, want, "{name}");
        assert_eq!((loaded.source.price_decimals, loaded.tick_decimals), (2, 2), "{name}");
        assert_eq!(loaded.source.format, Format::Csv, "{name}");
    }
}

#[test]
fn ticks_are_the_finer_of_instrument_and_file() {
    let load = |min_decimals, text: String| {
        let options = BarOptions { min_decimals, ..BarOptions::default() };
        bars_from_bytes(Path::new("x.csv"), Bytes::from(text), &options).unwrap()
    };
    let fine = load(4, csv(5));
    assert_eq!((fine.tick_decimals, fine.source.price_decimals), (4, 2));
    let coarse = load(0, csv(5));
    assert_eq!((coarse.tick_decimals, coarse.source.price_decimals), (2, 2));
    let scaled: Vec<i64> = coarse.bars.open.iter().map(|price| price.0 * 100).collect();
    assert_eq!(fine.bars.open.iter().map(|price| price.0).collect::<Vec<_>>(), scaled);
    let zeros = load(
        0,
        "time,open,high,low,close,volume\n1640995200,5.10,5.10,5.10,5.10,0\n1640995260,5,5,5,5,0\n"
            .to_owned(),
    );
    assert_eq!(zeros.source.price_decimals, 1);
}

#[test]
fn written_csv_reads_back_and_leaves_nothing_beside() {
    let (scratch, want) = (Scratch::new(), expected(100));
    let path = scratch.path("bars.csv");
    write_bars(&path, want.as_bars(), Step::decimal(2)).unwrap();
    write_bars(&path, want.as_bars(), Step::decimal(2)).unwrap();
    assert_eq!(load_bars(&path, &BarOptions::default()).unwrap().bars, want);
    assert_eq!(scratch.names(), ["bars.csv"]);
}

#[test]
fn a_failed_write_leaves_nothing_at_all() {
    let (scratch, bars) = (Scratch::new(), expected(3));
    let error = write_bars(&scratch.path("bars.txt"), bars.as_bars(), Step::decimal(2)).unwrap_err();
    assert_eq!(error.hint(), "end the name in .csv or .parquet");
    let error = write_bars(&scratch.path("no/bars.csv"), bars.as_bars(), Step::decimal(2)).unwrap_err();
    assert_eq!(error.hint(), "check that the directory exists, is writable and has room");
    std::fs::create_dir_all(scratch.path("taken.csv/x")).unwrap();
    write_bars(&scratch.path("taken.csv"), bars.as_bars(), Step::decimal(2)).unwrap_err();
    assert_eq!(scratch.names(), ["taken.csv"]);
}

#[cfg(not(feature = "parquet"))]
#[test]
fn what_is_not_built_says_how_to_build_it() {
    let error = load("x.parquet", *b"PAR1....PAR1").unwrap_err();
    assert_eq!(error.to_string(), "x.parquet is a Parquet file, which this build does not read or write");
    assert_eq!(error.hint(), "build with `--features parquet`, or convert the file to CSV");
}

#[test]
fn what_takers_bought_is_written_and_read_back_where_it_is_known() {
    let (scratch, bars) = (Scratch::new(), expected(300));
    let trades: Vec<u32> = (0..300).collect();
    let taker_buy_volume: Vec<f64> = bars.volume.iter().map(|volume| volume / 2.0).collect();
    let flow = data::Flow { trades: &trades, taker_buy_volume: &taker_buy_volume };
    let names = if cfg!(feature = "parquet") { &["bars.csv", "bars.parquet"][..] } else { &["bars.csv"] };
    for name in names {
        let path = scratch.path(name);
        data::write_bars_with(&path, bars.as_bars(), Some(flow), Step::decimal(2)).unwrap();
        let loaded = load_bars(&path, &BarOptions::default()).unwrap();
        assert_eq!(loaded.bars, bars, "{name}");
        assert_eq!(loaded.source.columns[6..], ["trades", "taker_buy_volume"], "{name}");
        assert_eq!(data::load_takers(&path).unwrap().as_deref(), Some(&taker_buy_volume[..]), "{name}");
        write_bars(&path, bars.as_bars(), Step::decimal(2)).unwrap();
        assert_eq!(data::load_takers(&path).unwrap(), None, "{name}");
    }
    for (header, want) in [(true, Some(vec![0.5; 9])), (false, None)] {
        let bytes = Bytes::from(kit::binance(9, header));
        assert_eq!(data::takers_from_bytes(Path::new("b.csv"), bytes).unwrap(), want, "only by its name");
    }
    let text = "time,taker_buy_volume\n1640995200000,-1\n";
    let error = data::takers_from_bytes(Path::new("t.csv"), Bytes::from(text)).unwrap_err();
    assert!(error.to_string().contains("row 1, column `taker_buy_volume`"), "{error}");
}

#[cfg(feature = "parquet")]
mod parquet_files {
    use super::*;
    use ::parquet::file::properties::WriterProperties;

    #[test]
    fn written_parquet_reads_back_bit_for_bit() {
        let (scratch, want) = (Scratch::new(), expected(70_000));
        let path = scratch.path("bars.parquet");
        write_bars(&path, want.as_bars(), Step::decimal(2)).unwrap();
        let loaded = load_bars(&path, &BarOptions::default()).unwrap();
        assert_eq!(loaded.bars, want);
        assert_eq!((loaded.source.format, loaded.source.price_decimals), (Format::Parquet, 2));
        let csv = load("x.csv", csv(70_000)).unwrap();
        assert_eq!(loaded.source.data_hash, csv.source.data_hash, "the format does not matter to the hash");
        assert_eq!(scratch.names(), ["bars.parquet"]);
    }

    #[test]
    fn half_dollar_ticks_are_written_as_prices() {
        let (scratch, bars) = (Scratch::new(), expected(5));
        let path = scratch.path("bars.parquet");
        write_bars(&path, bars.as_bars(), Step { mantissa: 5, decimals: 1 }).unwrap();
        let loaded = load_bars(&path, &BarOptions::default()).unwrap();
        assert_eq!(loaded.bars.open[1].0, bars.open[1].0 * 5);
    }

    #[test]
    fn truncated_anywhere_it_is_refused() {
        let (scratch, want) = (Scratch::new(), expected(50));
        let path = scratch.path("bars.parquet");
        write_bars(&path, want.as_bars(), Step::decimal(2)).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        for end in 4..bytes.len() {
            let error = load("t.parquet", &bytes[..end]).unwrap_err();
            assert_eq!(
                error.to_string(),
                "t.parquet is a damaged or unusual Parquet file: it does not end as Parquet does, so it was cut off"
            );
            assert_eq!(error.hint(), "fetch or export the file again; a transfer may have been cut off");
        }
    }

    fn foreign(price: &str, null_at: Option<usize>) -> Vec<u8> {
        kit::foreign_parquet(&expected(8), price, null_at, WriterProperties::default())
    }

    #[test]
    fn doubles_give_the_prices_they_were_made_of() {
        let loaded = load("f.parquet", foreign("double", None)).unwrap();
        assert_eq!(loaded.bars, expected(8));
        assert_eq!(loaded.source.time_unit, data::TimeUnit::Microseconds);
    }

    #[test]
    fn every_codec_and_page_version() {
        for (name, properties) in kit::parquet_dialects() {
            let bytes = kit::foreign_parquet(&expected(500), "double", None, properties);
            assert_eq!(load(name, bytes).unwrap().bars, expected(500), "{name}");
        }
    }

    #[test]
    fn missing_values_and_floats_of_32_bits_are_refused() {
        let error = load("f.parquet", foreign("double", Some(4))).unwrap_err();
        assert_eq!(error.to_string(), "f.parquet: row 5, column `low`: no value");
        for (name, properties) in kit::parquet_dialects() {
            let error =
                load(name, kit::foreign_parquet(&expected(8), "double", Some(4), properties)).unwrap_err();
            assert_eq!(error.to_string(), format!("{name}: row 5, column `low`: no value"));
        }
        let error = load("f.parquet", foreign("float", None)).unwrap_err();
        assert_eq!(error.to_string(), "f.parquet: column `open` is of type FLOAT, which is not read");
        assert_eq!(error.hint(), "export the column as 64-bit integers, decimals or doubles");
    }
}

#[cfg(feature = "archives")]
mod archives {
    use super::*;
    use kit::{minute, xlsx, zip};

    /// Bitget's sheet: seconds, and the price as a spreadsheet prints the double it keeps.
    fn bitget(rows: i64) -> Vec<u8> {
        let row = |i| {
            let mut fields = minute(i).to_vec();
            fields[0].truncate(10);
            fields[1] = format!("{:.12}", fields[1].parse::<f64>().unwrap());
            fields.push("1234.5".to_owned());
            fields
        };
        let rows: Vec<Vec<String>> = (0..rows).map(row).collect();
        xlsx(&["timestamp", "open", "high", "low", "close", "basevolume", "usdtvolume"], &rows)
    }

    #[test]
    fn klines_of_both_venues() {
        for (name, bytes, unit) in [
            (
                "binance.zip",
                zip(&[("BTCUSDT-1m.csv", binance(40, false).as_bytes())]),
                data::TimeUnit::Milliseconds,
            ),
            ("bitget.zip", zip(&[("20240501.xlsx", &bitget(40))]), data::TimeUnit::Seconds),
        ] {
            let loaded = load(name, bytes).unwrap();
            assert_eq!(loaded.bars, expected(40), "{name}");
            assert_eq!((loaded.source.format, loaded.source.time_unit), (Format::Zip, unit), "{name}");
        }
        let loaded = load("bitget.xlsx", bitget(40)).unwrap();
        assert_eq!((loaded.bars, loaded.source.format), (expected(40), Format::Xlsx));
    }

    #[test]
    fn errors_name_the_file_inside() {
        let text = binance(5, true).replacen("46000.40", "soon", 1);
        let error = load("b.zip", zip(&[("k.csv", text.as_bytes())])).unwrap_err();
        assert_eq!(error.to_string(), "b.zip/k.csv: row 1, column `open`: `soon` is not a finite number");
        let error = load("b.zip", zip(&[("a.csv", b"1"), ("b.csv", b"2")])).unwrap_err();
        assert_eq!(error.to_string(), "b.zip holds 2 CSV files or sheets, not one");
        assert_eq!(error.hint(), "unpack the archive and name one of its files");
        let error = load("b.zip", zip(&[("k.csv", b"")])).unwrap_err();
        assert_eq!(error.to_string(), "b.zip/k.csv holds no rows");
        let error = load("b.zip", zip(&[("k.csv", &zip(&[("k.csv", b"1")]))])).unwrap_err();
        assert_eq!(error.to_string(), "b.zip/k.csv is neither text nor Parquet, Feather, zip or xlsx");
        let names: Vec<String> = (0..2_000).map(|i| format!("{i}.csv")).collect();
        let entries: Vec<(&str, &[u8])> = names.iter().map(|name| (name.as_str(), &b"1"[..])).collect();
        let error = load("b.zip", zip(&entries)).unwrap_err();
        assert_eq!(error.to_string(), "b.zip has 2000 entries, more than the 1024 that are read");
    }

    #[test]
    fn a_truncated_archive_is_refused() {
        let bytes = zip(&[("k.csv", binance(40, true).as_bytes())]);
        for end in 4..bytes.len() {
            load("b.zip", &bytes[..end]).unwrap_err();
        }
    }

    #[test]
    fn blank_cells_are_missing_values() {
        let row = |fields: [&str; 6]| fields.map(str::to_owned).to_vec();
        let rows =
            [row(["1640995200", "1", "1", "1", "1", "0"]), row(["1640995260", "1", "1", "1", "1", ""])];
        let error = load("s.xlsx", xlsx(&["time", "o", "h", "l", "c", "v"], &rows)).unwrap_err();
        assert_eq!(error.to_string(), "s.xlsx: row 2, column `v`: no value");
    }
}

#[cfg(feature = "feather")]
mod feather_files {
    use super::*;
    use arrow_array::{ArrayRef, Float32Array, Float64Array, RecordBatch, TimestampMicrosecondArray};
    use arrow_ipc::writer::FileWriter;
    use std::sync::Arc;

    #[derive(Clone, Copy, PartialEq)]
    enum Flaw {
        Nothing,
        Narrow,
        Null,
    }

    fn feather(rows: i64, flaw: Flaw) -> Vec<u8> {
        let want = expected(rows);
        let time = want.open_time.iter().map(|time| time.0 * 1_000);
        let mut columns: Vec<(&str, ArrayRef)> =
            vec![("date", Arc::new(TimestampMicrosecondArray::from_iter_values(time)))];
        for (name, prices) in
            [("open", &want.open), ("high", &want.high), ("low", &want.low), ("close", &want.close)]
        {
            let value = |i: usize| prices[i].0 as f64 / 100.0;
            let values = (0..prices.len()).map(|i| (flaw != Flaw::Null || i != 3).then(|| value(i)));
            let array: ArrayRef = if flaw == Flaw::Narrow {
                Arc::new(values.map(|value| value.map(|value| value as f32)).collect::<Float32Array>())
            } else {
                Arc::new(values.collect::<Float64Array>())
            };
            columns.push((name, array));
        }
        columns.push(("volume", Arc::new(Float64Array::from(want.volume.clone()))));
        let batch = RecordBatch::try_from_iter(columns).unwrap();
        let mut writer = FileWriter::try_new(Vec::new(), &batch.schema()).unwrap();
        writer.write(&batch.slice(0, 3)).unwrap();
        writer.write(&batch.slice(3, batch.num_rows() - 3)).unwrap();
        writer.into_inner().unwrap()
    }

    #[test]
    fn batches_are_joined() {
        let loaded = load("f.feather", feather(10, Flaw::Nothing)).unwrap();
        assert_eq!((loaded.bars, loaded.source.format), (expected(10), Format::Feather));
    }

    #[test]
    fn nulls_and_floats_of_32_bits_are_refused() {
        let error = load("f.feather", feather(10, Flaw::Null)).unwrap_err();
        assert_eq!(error.to_string(), "f.feather: row 4, column `open`: no value");
        let error = load("f.feather", feather(10, Flaw::Narrow)).unwrap_err();
        assert_eq!(error.to_string(), "f.feather: column `open` is of type Float32, which is not read");
        let bytes = feather(10, Flaw::Nothing);
        let error = load("f.feather", &bytes[..bytes.len() - 1]).unwrap_err();
        assert!(error.to_string().ends_with("it does not end as Feather does, so it was cut off"), "{error}");
    }
}
