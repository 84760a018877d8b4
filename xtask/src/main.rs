//! `cargo xtask <task>`: the doors to the workshop, and nothing but the doors.
//!
//! Refuses to do work itself: each task lives in the library, where the tests can reach it.
#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::process::ExitCode;
use std::time::Instant;

use xtask::tidy;
use xtask::tree::Tree;

const USAGE: &str = "\
cargo xtask tidy     check the house rules over the whole tree
cargo xtask rules    list the house rules";

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        Some("tidy") => run_tidy(),
        Some("rules") => {
            for rule in tidy::RULES {
                println!("{:<11} {}", rule.name, rule.why);
            }
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("{USAGE}");
            ExitCode::from(2)
        }
    }
}

fn run_tidy() -> ExitCode {
    let started = Instant::now();
    let tree = match Tree::of_workspace() {
        Ok(tree) => tree,
        Err(error) => {
            eprintln!("tidy: {error}");
            return ExitCode::from(2);
        }
    };
    let findings = tidy::check(&tree);
    for finding in &findings {
        println!("{finding}");
    }
    let (rules, files, ms) = (tidy::RULES.len(), tree.files().len(), started.elapsed().as_millis());
    println!("tidy: {} findings ({rules} rules, {files} files, {ms} ms)", findings.len());
    if findings.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
