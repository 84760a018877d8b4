//! What is under fuzz: the importers, and both sides of Bitget's wire; one function and one line in the list each.
//!
//! A target of an importer refuses nothing itself: it hands the bytes over, and the outcome to the judge.

use std::panic;
use std::path::Path;

use data::{BarOptions, Bytes, Repair};

pub use crate::bitget::adapter::bitget_adapter;
pub use crate::bitget::mock::{mock_rest, mock_socket};
pub use crate::bitget::wire::{bitget_frame, bitget_reply, bitget_word};
use crate::bitget::{adapter, mock, wire};
use crate::{judge, seeds};

/// One thing under fuzz.
pub struct Target {
    /// Its name: that of its function, and of its file in `fuzz/libfuzzer/fuzz_targets`.
    pub name: &'static str,
    /// Takes the bytes in; panics on a breach.
    pub run: fn(&[u8]),
    /// Whole files to start from.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every target.
// tidy: list-of fuzz/libfuzzer/fuzz_targets/
pub const TARGETS: &[Target] = &[
    Target { name: "bars_any", run: bars_any, seeds: seeds::bars_any },
    Target { name: "bars_csv", run: bars_csv, seeds: seeds::bars_csv },
    Target { name: "bars_feather", run: bars_feather, seeds: seeds::bars_feather },
    Target { name: "bars_parquet", run: bars_parquet, seeds: seeds::bars_parquet },
    Target { name: "bars_sheet", run: bars_sheet, seeds: seeds::bars_sheet },
    Target { name: "bars_xlsx", run: bars_xlsx, seeds: seeds::bars_xlsx },
    Target { name: "bars_zip", run: bars_zip, seeds: seeds::bars_zip },
    Target { name: "bitget_adapter", run: bitget_adapter, seeds: adapter::tapes },
    Target { name: "bitget_frame", run: bitget_frame, seeds: wire::frames },
    Target { name: "bitget_reply", run: bitget_reply, seeds: wire::replies },
    Target { name: "bitget_word", run: bitget_word, seeds: wire::words },
    Target { name: "funding", run: funding, seeds: seeds::funding },
    Target { name: "mark", run: mark, seeds: seeds::mark },
    Target { name: "mock_rest", run: mock_rest, seeds: mock::requests },
    Target { name: "mock_socket", run: mock_socket, seeds: mock::conversations },
    Target { name: "readings", run: readings, seeds: seeds::readings },
];

const STRICT: BarOptions = BarOptions { min_decimals: 1, from: None, to: None, repair: Repair::Strict };
const SORT: BarOptions = BarOptions { min_decimals: 0, from: None, to: None, repair: Repair::Sort };

fn file() -> &'static Path {
    Path::new("fuzzed")
}

/// Bars in any format: the detection.
pub fn bars_any(bytes: &[u8]) {
    judge::bars(data::bars_from_bytes(file(), Bytes::copy_from_slice(bytes), &SORT));
}

/// Delimited text.
pub fn bars_csv(bytes: &[u8]) {
    judge::bars(data::bars_from_csv(file(), bytes, &STRICT));
    judge::bars(data::bars_from_csv(file(), bytes, &SORT));
}

/// Feather (Arrow IPC).
pub fn bars_feather(bytes: &[u8]) {
    judge::bars(data::bars_from_feather(file(), Bytes::copy_from_slice(bytes), &STRICT));
}

/// Parquet.
pub fn bars_parquet(bytes: &[u8]) {
    judge::bars(data::bars_from_parquet(file(), Bytes::copy_from_slice(bytes), &STRICT));
}

/// The sheet inside a sound workbook: damage to the zip around it would hide it.
pub fn bars_sheet(bytes: &[u8]) {
    judge::bars(data::bars_from_xlsx(file(), &seeds::workbook(bytes), &STRICT));
}

/// An Excel workbook.
pub fn bars_xlsx(bytes: &[u8]) {
    judge::bars(data::bars_from_xlsx(file(), bytes, &STRICT));
}

/// A zip archive around a CSV file or a workbook.
pub fn bars_zip(bytes: &[u8]) {
    judge::bars(data::bars_from_zip(file(), bytes, &STRICT));
}

/// Funding rates in any format.
pub fn funding(bytes: &[u8]) {
    judge::funding(data::funding_from_bytes(file(), Bytes::copy_from_slice(bytes)));
}

/// Mark prices in any format.
pub fn mark(bytes: &[u8]) {
    judge::mark(data::mark_from_bytes(file(), Bytes::copy_from_slice(bytes)));
}

/// Readings of each factor that is read.
pub fn readings(bytes: &[u8]) {
    let options = data::ReadingOptions::default();
    for factor in cosmos::Factor::ALL.into_iter().filter(|factor| factor.is_read()) {
        judge::readings(data::readings_from_bytes(file(), Bytes::copy_from_slice(bytes), factor, &options));
    }
}

/// Lets a panic pass without a word, and without libFuzzer's abort, where the importer has fenced a foreign decoder.
pub fn quiet_expected_panics() {
    let loud = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        if !data::decoding() {
            loud(info);
        }
    }));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_survives_its_seeds_and_a_little_damage() {
        quiet_expected_panics();
        for target in TARGETS {
            let seeds = (target.seeds)();
            seeds.iter().for_each(|seed| (target.run)(seed));
            (0..200).for_each(|iteration| (target.run)(&crate::mutate::damaged(&seeds, 3, iteration)));
        }
    }

    /// A seed that is refused fuzzes only the first check.
    #[test]
    fn every_seed_is_accepted() {
        let bars = |seeds: Vec<Vec<u8>>| {
            for seed in seeds {
                let loaded =
                    data::bars_from_bytes(file(), Bytes::from(seed), &SORT).expect("a seed is a sound file");
                assert_eq!(loaded.report.rows, seeds::ROWS);
            }
        };
        bars(seeds::bars_csv());
        bars(seeds::bars_feather());
        bars(seeds::bars_parquet());
        bars(seeds::bars_xlsx());
        bars(seeds::bars_zip());
        bars(seeds::bars_sheet().iter().map(|sheet| seeds::workbook(sheet)).collect());
        for seed in seeds::funding() {
            data::funding_from_bytes(file(), Bytes::from(seed)).expect("a seed is a sound file");
        }
        for seed in seeds::mark() {
            data::mark_from_bytes(file(), Bytes::from(seed)).expect("a seed is a sound file");
        }
    }
}
