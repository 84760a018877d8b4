//! Files that real users break, each with what they are told. It refuses a file without its answer, an answer that shows a
//! secret, and one without a mend.
//!
//! `OMEGA_DOCUMENTS=write` writes the answers anew, to be read before they are committed.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test reads fixtures, and stops where it fails"
)]

use config::{BadConfig, Config, Environment};
use std::path::{Path, PathBuf};

/// What every secret in these files is.
const CANARY: &str = "hunter2";
const FILES_MIN: usize = 30;

fn files() -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|ending| ending == "toml"));
    files.sort();
    files
}

/// Variables stand at the head of a file: `#! NAME=value`.
fn environment(text: &str) -> Environment {
    let heads = text.lines().filter_map(|line| line.strip_prefix("#! ")?.split_once('='));
    heads.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

fn told(file: &Path) -> (String, Vec<BadConfig>) {
    let text = String::from_utf8_lossy(&std::fs::read(file).unwrap()).into_owned();
    let faults = Config::read(&text, &environment(&text)).err().unwrap_or_default();
    let shown: Vec<String> = faults.iter().map(|fault| fault.shown("omega.toml")).collect();
    (shown.join("\n"), faults)
}

#[test]
fn every_broken_file_is_told_line_reason_and_mend() {
    let files = files();
    assert!(files.len() >= FILES_MIN, "{} files", files.len());
    let write = std::env::var("OMEGA_DOCUMENTS").is_ok_and(|value| value == "write");
    for file in files {
        let (told, faults) = told(&file);
        let answer = file.with_extension("txt");
        if write {
            std::fs::write(&answer, &told).unwrap();
        }
        let kept = std::fs::read_to_string(&answer).unwrap_or_default();
        assert!(!faults.is_empty(), "{} is taken as it is", file.display());
        assert_eq!(told, kept, "{}: OMEGA_DOCUMENTS=write writes it anew", file.display());
        let everything =
            format!("{told}{faults:?}{}", faults.iter().map(ToString::to_string).collect::<String>());
        assert!(!everything.contains(CANARY), "{} shows its secret: {told}", file.display());
        for fault in &faults {
            assert!(fault.mend.len() > 5, "{fault:?} does not say what to do");
        }
    }
}
