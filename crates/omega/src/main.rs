//! The binary: arguments in, one command, an exit code out.
//!
//! It refuses to panic at a user: whatever goes wrong is one `error:` line and one `hint:` line on stderr and an exit
//! code below 100. Data go to stdout, talk to stderr.

#[cfg(feature = "exchange")]
mod account_check;
mod canvas;
mod chart;
mod commands;
mod configured;
mod console;
mod demo;
#[cfg_attr(
    not(all(feature = "run", feature = "gateway")),
    allow(dead_code, reason = "a build that runs no farm has less to look at")
)]
mod doctor;
#[cfg(feature = "http")]
mod download;
mod downloaded;
mod drifting;
mod error;
mod experiments;
mod fetch;
mod figures;
mod fingerprint;
mod finished;
mod journal_files;
mod json;
#[cfg(feature = "gateway")]
mod line;
mod lineup;
mod made_market;
mod market_files;
mod market_flags;
#[cfg(feature = "history")]
mod memory;
mod pages;
mod parallel;
mod parse;
#[cfg(feature = "gateway")]
mod people;
mod population;
mod prompt;
mod report;
#[cfg(feature = "run")]
mod running;
#[cfg_attr(not(feature = "gateway"), allow(dead_code, reason = "what only a farm that runs shows"))]
mod screen;
mod sky_flags;
mod states;
#[cfg(feature = "gateway")]
mod steering;
mod story;
mod table;
#[cfg(feature = "gateway")]
mod top;
mod usage;
mod whole_file;

use console::Console;
use std::process::ExitCode;

fn main() -> ExitCode {
    error::report_broken_invariants();
    let console = Console::of_process();
    let matches = match commands::cli().try_get_matches() {
        Ok(matches) => matches,
        Err(error) => return usage::report(&error, &console),
    };
    match commands::run(&matches, &console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) if failure.is_closed_pipe() => ExitCode::SUCCESS,
        Err(failure) => {
            console.complain(&failure.to_string(), &failure.hint());
            failure.exit_code()
        }
    }
}
