//! How long loading takes. `cargo bench -p data --features parquet -- [FILE]`; without a file the shared one.
//!
//! Prints milliseconds and rows a second, best and median of several runs, and the peak memory of the process.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a bench stops where it breaks and prints its figures"
)]

use data::{BarOptions, load_bars};
use std::path::PathBuf;
use std::time::Instant;

const RUNS: usize = 9;

fn main() {
    let given = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).map(PathBuf::from);
    let root = std::env::var_os("OMEGA_TEST_DATA").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data")),
        PathBuf::from,
    );
    let file = given.unwrap_or_else(|| root.join("bars/BTCUSDT-perp-1m-2022-2023.parquet"));
    if !file.exists() {
        println!("SKIPPED: {} is not there", file.display());
        return;
    }
    let options = BarOptions { min_decimals: 1, ..BarOptions::default() };
    let mut ms: Vec<f64> = Vec::new();
    let mut rows = 0;
    for _ in 0..RUNS {
        let start = Instant::now();
        let loaded = load_bars(&file, &options).expect("the file loads");
        ms.push(start.elapsed().as_secs_f64() * 1e3);
        rows = loaded.bars.len();
    }
    ms.sort_by(f64::total_cmp);
    let (best, median) = (ms[0], ms[RUNS / 2]);
    println!("{}", file.display());
    println!(
        "rows {rows}, best {best:.1} ms, median {median:.1} ms, {:.1} M rows/s",
        rows as f64 / median / 1e3
    );
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    if let Some(peak) = status.lines().find(|line| line.starts_with("VmHWM")) {
        println!("peak memory {}", peak.trim_start_matches("VmHWM:").trim());
    }
}
