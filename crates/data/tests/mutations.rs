//! Valid files of each format, damaged in every way: an importer answers with bars or an error, never a panic, and
//! what it accepts keeps its promises. Deterministic, so that a failure is the same on every machine.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test stops where it breaks and says what it skipped"
)]

mod kit;

use data::{BarOptions, Bytes, LoadedBars, Repair, bars_from_bytes, funding_from_bytes, mark_from_bytes};
use kit::{binance, csv};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use std::cell::Cell;
use std::path::Path;
use std::sync::Once;

/// One kind of damage; places are fractions of the file's length.
#[derive(Clone, Debug)]
enum Damage {
    Flip(u16, u8),
    Write(u16, u8),
    Word(u16, u32),
    Truncate(u16),
    Remove(u16, u8),
    Repeat(u16, u8),
    Swap(u16, u16, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    use Damage::{Flip, Remove, Repeat, Swap, Truncate, Word, Write};
    let word = prop_oneof![Just(0_u32), Just(u32::MAX), Just(i32::MAX as u32), Just(1 << 31), any::<u32>()];
    prop_oneof![
        6 => (any::<u16>(), 0..8_u8).prop_map(|(at, bit)| Flip(at, bit)),
        6 => (any::<u16>(), any::<u8>()).prop_map(|(at, byte)| Write(at, byte)),
        3 => (any::<u16>(), word).prop_map(|(at, word)| Word(at, word)),
        1 => any::<u16>().prop_map(Truncate),
        2 => (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Remove(at, n)),
        2 => (any::<u16>(), any::<u8>()).prop_map(|(at, n)| Repeat(at, n)),
        1 => (any::<u16>(), any::<u16>(), any::<u8>()).prop_map(|(a, b, n)| Swap(a, b, n)),
    ]
}

fn apply(bytes: &mut Vec<u8>, damage: &Damage) {
    let length = bytes.len();
    if length == 0 {
        return;
    }
    let place = |at: u16| usize::from(at) * length / (1 << 16);
    let end = |at: usize, n: u8| length.min(at + usize::from(n));
    match *damage {
        Damage::Flip(at, bit) => bytes[place(at)] ^= 1 << bit,
        Damage::Write(at, byte) => bytes[place(at)] = byte,
        Damage::Word(at, word) => {
            let at = place(at);
            for (slot, byte) in bytes[at..].iter_mut().zip(word.to_le_bytes()) {
                *slot = byte;
            }
        }
        Damage::Truncate(at) => bytes.truncate(place(at)),
        Damage::Remove(at, n) => drop(bytes.drain(place(at)..end(place(at), n))),
        Damage::Repeat(at, n) => {
            let copy = bytes[place(at)..end(place(at), n)].to_vec();
            bytes.splice(place(at)..place(at), copy);
        }
        Damage::Swap(a, b, n) => {
            for i in 0..usize::from(n) {
                if place(a) + i < length && place(b) + i < length {
                    bytes.swap(place(a) + i, place(b) + i);
                }
            }
        }
    }
}

/// What every accepted file promises.
fn keeps_its_promises(loaded: &LoadedBars) {
    let bars = loaded.bars.as_bars();
    assert!(!bars.is_empty() && bars.interval.0 > 0 && bars.interval.0 % 1_000 == 0);
    assert!(bars.open_time.is_sorted_by(|a, b| a < b));
    for i in 0..bars.len() {
        let bar = bars.get(i);
        assert!(bar.low.0 > 0 && bar.low <= bar.open.min(bar.close) && bar.high >= bar.open.max(bar.close));
        assert!(bar.volume.is_finite() && bar.volume.is_sign_positive());
        assert!((bar.open_time - bars.open_time[0]).0 % bars.interval.0 == 0);
    }
    let spanned = (bars.open_time[bars.len() - 1] - bars.open_time[0]).0 / bars.interval.0 + 1;
    assert_eq!(spanned as usize, bars.len() + loaded.report.missing_total);
    assert!(loaded.source.price_decimals <= loaded.tick_decimals);
}

/// How many cases; more where `OMEGA_MUTATIONS` asks for a longer run.
fn cases(usual: u32) -> u32 {
    std::env::var("OMEGA_MUTATIONS").ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// Damages `valid` in `cases` ways; errors are one line and have a hint.
fn survives(name: &str, valid: &[u8], cases: u32, tail: bool) {
    static QUIET: Once = Once::new();
    QUIET.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            if !data::decoding() || std::env::var_os("OMEGA_SHOW_PANICS").is_some() {
                eprintln!("{info}");
            }
        }));
    });
    let file = Path::new(name);
    let config = Config { cases, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let (accepted, fenced) = (Cell::new(0_u32), Cell::new(0_u32));
    let strategy = (vec(damage(), 1..6), any::<bool>(), any::<bool>());
    let result = runner.run(&strategy, |(damages, at_end, sort)| {
        let mut bytes = valid.to_vec();
        // A footer is where a file's own claims are: half of the damage goes there.
        let kept = if at_end && tail { bytes.len().saturating_sub(700) } else { 0 };
        let mut part = bytes.split_off(kept);
        damages.iter().for_each(|damage| apply(&mut part, damage));
        bytes.extend(part);
        let bytes = Bytes::from(bytes);
        let repair = if sort { Repair::Sort } else { Repair::Strict };
        match bars_from_bytes(file, bytes.clone(), &BarOptions { repair, ..BarOptions::default() }) {
            Ok(loaded) => {
                accepted.set(accepted.get() + 1);
                keeps_its_promises(&loaded);
            }
            Err(error) => {
                let text = error.to_string();
                fenced.set(fenced.get() + u32::from(text.contains("its decoder gave up")));
                prop_assert!(
                    !text.contains('\n') && !error.hint().is_empty() && text.len() < 600,
                    "{}",
                    text
                );
            }
        }
        let _ = mark_from_bytes(file, bytes.clone());
        let _ = funding_from_bytes(file, bytes);
        Ok(())
    });
    result.unwrap();
    println!(
        "{name}: {cases} damaged files, {} accepted, {} stopped by the fence",
        accepted.get(),
        fenced.get()
    );
    bars_from_bytes(file, Bytes::copy_from_slice(valid), &BarOptions::default())
        .expect("undamaged, it loads");
}

#[test]
fn csv_files() {
    survives("x.csv", csv(30).as_bytes(), cases(3_000), false);
    survives("binance.csv", binance(10, false).as_bytes(), cases(1_000), false);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_files() {
    let scratch = kit::Scratch::new();
    let path = scratch.path("x.parquet");
    let bars = bars_from_bytes(&path, Bytes::from(csv(200)), &BarOptions::default()).unwrap().bars;
    data::write_bars(&path, bars.as_bars(), model::Step::decimal(2)).unwrap();
    survives("x.parquet", &std::fs::read(&path).unwrap(), cases(2_500), true);
    for (name, properties) in kit::parquet_dialects() {
        survives(name, &kit::foreign_parquet(&bars, "double", None, properties), cases(600), true);
    }
}

#[cfg(feature = "archives")]
#[test]
fn archives() {
    survives("binance.zip", &kit::zip(&[("k.csv", binance(30, true).as_bytes())]), cases(2_000), true);
    let rows: Vec<Vec<String>> = (0..20).map(|i| kit::minute(i).to_vec()).collect();
    let sheet = kit::xlsx(&["timestamp", "open", "high", "low", "close", "basevolume"], &rows);
    survives("bitget.zip", &kit::zip(&[("k.xlsx", &sheet)]), cases(1_500), true);
    survives("bitget.xlsx", &sheet, cases(1_500), true);
}

#[cfg(feature = "feather")]
#[test]
fn feather_files() {
    use arrow_array::{ArrayRef, Float64Array, Int64Array, RecordBatch};
    use std::sync::Arc;
    let bars =
        bars_from_bytes(Path::new("x.csv"), Bytes::from(csv(50)), &BarOptions::default()).unwrap().bars;
    let time: ArrayRef = Arc::new(Int64Array::from_iter_values(bars.open_time.iter().map(|time| time.0)));
    let mut columns = vec![("time", time)];
    for (name, prices) in
        [("open", &bars.open), ("high", &bars.high), ("low", &bars.low), ("close", &bars.close)]
    {
        let values = prices.iter().map(|price| price.0 as f64 / 100.0);
        columns.push((name, Arc::new(Float64Array::from_iter_values(values))));
    }
    columns.push(("volume", Arc::new(Float64Array::from(bars.volume.clone()))));
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    for (name, packing) in [("x.feather", None), ("lz4.feather", Some(arrow_ipc::CompressionType::LZ4_FRAME))]
    {
        let options = arrow_ipc::writer::IpcWriteOptions::default().try_with_compression(packing).unwrap();
        let mut writer =
            arrow_ipc::writer::FileWriter::try_new_with_options(Vec::new(), &batch.schema(), options)
                .unwrap();
        writer.write(&batch).unwrap();
        survives(name, &writer.into_inner().unwrap(), cases(2_000), true);
    }
}
