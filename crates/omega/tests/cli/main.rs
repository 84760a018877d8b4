//! The built binary as a user meets it: documents, files, errors, exit codes.
//!
//! Nothing here reaches beyond this machine, and each test keeps to a directory of its own.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    missing_docs,
    reason = "a test that fails should stop and say so"
)]

#[cfg(all(feature = "run", feature = "gateway"))]
mod access;
mod bad_input;
#[cfg(all(feature = "run", feature = "gateway"))]
mod canary;
mod config;
mod cosmos;
#[cfg(all(feature = "run", feature = "gateway"))]
mod ctl;
#[cfg(all(feature = "run", feature = "gateway"))]
mod doctor;
mod documents;
#[cfg(feature = "run")]
mod drift;
#[cfg(feature = "exchange")]
mod exchange;
#[cfg(all(feature = "run", feature = "gateway"))]
mod farm;
mod files;
#[cfg(feature = "history")]
mod history;
mod made_markets;
mod metrics;
mod mock_exchange;
mod pages;
mod people;
mod pnl;
mod real_history;
#[cfg(feature = "run")]
mod reload;
mod replay;
mod report;
mod secrets;
mod show;
mod sim;
mod study;
#[cfg(all(feature = "run", feature = "gateway"))]
mod top;
mod tutorial;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

/// A directory of one test.
struct Sandbox(PathBuf);

impl Sandbox {
    fn new() -> Sandbox {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("omega-cli-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&directory).unwrap();
        Sandbox(directory)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) -> PathBuf {
        let file = self.path(name);
        std::fs::write(&file, text).unwrap();
        file
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(&self.0)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// What a run of the binary said.
#[derive(Debug)]
struct Said {
    code: i32,
    out: String,
    err: String,
}

impl Said {
    fn json(&self) -> serde_json::Value {
        assert_eq!(self.code, 0, "{}", self.err);
        serde_json::from_str(&self.out).expect("stdout is exactly one JSON document")
    }
}

fn omega(arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Said {
    run(Path::new(env!("CARGO_BIN_EXE_omega")), arguments)
}

const NO_CATALOGUE: &str = "/nonexistent/omega";

fn run(binary: &Path, arguments: &[&dyn AsRef<std::ffi::OsStr>]) -> Said {
    let mut command = Command::new(binary);
    for argument in arguments {
        command.arg(argument.as_ref());
    }
    // Whatever the user of this machine has downloaded is none of a test's business.
    let output = command.env("OMEGA_DATA", NO_CATALOGUE).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Said {
        code: output.status.code().expect("it ends by itself, not by a signal"),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// 2022-01-01T00:00:00Z.
const START_MS: i64 = 1_640_995_200_000;
const HEADER: &str = "open_time,open,high,low,close,volume";

/// One-minute bars of a price that swings a per cent about 40 000 every few hours: crosses and trends enough.
fn rows(count: i64) -> Vec<String> {
    let price = |i: i64| {
        let swing = |period: i64, size: i64| {
            let phase = i.rem_euclid(period);
            let triangle = if phase * 2 < period { phase * 4 - period } else { 3 * period - phase * 4 };
            triangle * size / period
        };
        400_000 + swing(240, 4_000) + swing(3_500, 20_000) + (i * 7_919).rem_euclid(61)
    };
    let text = |ticks: i64| format!("{}.{}", ticks / 10, ticks % 10);
    (0..count)
        .map(|i| {
            let (open, close) = (price(i - 1), price(i));
            let (high, low) = (open.max(close) + 15, open.min(close) - 15);
            let time = START_MS + i * 60_000;
            format!("{time},{},{},{},{},{}.5", text(open), text(high), text(low), text(close), 20 + i % 17)
        })
        .collect()
}

fn csv(rows: &[String]) -> String {
    format!("{HEADER}\n{}\n", rows.join("\n"))
}

/// Funding each eight hours.
fn funding_csv(days: i64) -> String {
    let rate = |i: i64| format!("{},0.0000{}\n", START_MS + i * 28_800_000, 1 + i % 9);
    format!("funding_time,funding_rate\n{}", (0..days * 3).map(rate).collect::<String>())
}

/// A JSON number of USDT as whole micro-USDT.
fn micro(value: &serde_json::Value) -> i64 {
    (value.as_f64().expect("a number") * 1e6).round() as i64
}

/// A column of a CSV file by name.
fn column(file: &Path, name: &str) -> Vec<String> {
    let mut reader = csv::Reader::from_path(file).unwrap();
    let at = reader.headers().unwrap().iter().position(|head| head == name).expect("the column is there");
    reader.records().map(|record| record.unwrap()[at].to_owned()).collect()
}

/// `-12.345678` as whole micro-USDT.
fn micro_text(text: &str) -> i64 {
    let (whole, fraction) = text.split_once('.').expect("six decimals");
    assert_eq!(fraction.len(), 6, "{text}");
    let sign = if whole.starts_with('-') { -1 } else { 1 };
    sign * (whole.trim_start_matches('-').parse::<i64>().unwrap() * 1_000_000
        + fraction.parse::<i64>().unwrap())
}
