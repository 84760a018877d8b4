//! `omega doctor`: whether this machine and this build can do what will be asked of them.
//!
//! It refuses to change anything, to reach for the network, and to warn without saying what to do.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use crate::table::{Align, Cell, Grid, Tone};
use clap::Args;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

pub(super) const COMMAND: Command = Command {
    name: "doctor",
    about: "Check this build and this machine",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega doctor")]
struct Arguments {
    /// Print one JSON document instead of a table
    #[arg(long)]
    json: bool,
}

/// One thing that was looked at.
struct Check {
    what: &'static str,
    found: String,
    /// What to do, where it is not as it should be.
    advice: Option<&'static str>,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let checks = [version(), formats(), cores(), terminal(), clock(), temporary_directory(), test_files()];
    if arguments.json {
        let check = |check: &Check| {
            Json::object([
                ("what", Json::text(check.what)),
                ("ok", Json::Truth(check.advice.is_none())),
                ("found", Json::text(&check.found)),
                ("advice", Json::optional(check.advice, Json::text)),
            ])
        };
        let all = checks.iter().map(check).collect();
        return console.print(&Json::object([("checks", Json::List(all))]).document());
    }
    let columns = [("check", Align::Left), ("", Align::Left), ("found", Align::Left)];
    let mut grid = Grid::new(&columns);
    for check in &checks {
        let verdict = match check.advice {
            None => Cell::new("ok", Tone::Good),
            Some(_) => Cell::new("warn", Tone::Bad),
        };
        grid.row(vec![Cell::plain(check.what), verdict, Cell::plain(&check.found)]);
        if let Some(advice) = check.advice {
            grid.row(vec![Cell::plain(""), Cell::plain(""), Cell::plain(format!("-> {advice}"))]);
        }
    }
    console.print(&grid.render(console.has_colour()))
}

fn version() -> Check {
    let build = if cfg!(debug_assertions) { "debug" } else { "release" };
    let advice = cfg!(debug_assertions).then_some("build with --release: a debug build is ten times slower");
    Check { what: "version", found: format!("omega {} ({build})", env!("CARGO_PKG_VERSION")), advice }
}

fn formats() -> Check {
    let built = [
        ("CSV", true),
        ("Parquet", cfg!(feature = "parquet")),
        ("zip and xlsx", cfg!(feature = "archives")),
        ("Feather", cfg!(feature = "feather")),
    ];
    let named = |wanted: bool| {
        built.iter().filter(|(_, is)| *is == wanted).map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    };
    let (read, left_out) = (named(true), named(false));
    let found =
        if left_out.is_empty() { read } else { format!("{read}; left out of this build: {left_out}") };
    let advice =
        (!cfg!(feature = "parquet")).then_some("build with --features parquet to read Parquet files");
    Check { what: "formats", found, advice }
}

fn cores() -> Check {
    match std::thread::available_parallelism() {
        Ok(cores) => Check { what: "CPU cores", found: cores.to_string(), advice: None },
        Err(error) => Check {
            what: "CPU cores",
            found: format!("unknown: {error}"),
            advice: Some("nothing to do: a back-test runs on one core"),
        },
    }
}

fn terminal() -> Check {
    let is = |terminal: bool| if terminal { "a terminal" } else { "not a terminal" };
    let out = is(std::io::stdout().is_terminal());
    let err = is(std::io::stderr().is_terminal());
    Check { what: "terminal", found: format!("stdout is {out}, stderr is {err}"), advice: None }
}

/// 2025-01-01, in seconds since 1970: this program is younger.
const CLOCK_S_MIN: u64 = 1_735_689_600;

fn clock() -> Check {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let now = model::Time(i64::try_from(seconds.saturating_mul(1_000)).unwrap_or(i64::MAX / 2));
    let advice = (seconds < CLOCK_S_MIN).then_some("set the clock: it lies before this program was written");
    Check { what: "clock", found: now.to_string(), advice }
}

fn temporary_directory() -> Check {
    let directory = std::env::temp_dir();
    let probe = directory.join(format!(".omega-doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe");
    // A probe that was not written cannot be removed; one that stays behind is five bytes.
    let _ = std::fs::remove_file(&probe);
    let found = match &written {
        Ok(()) => format!("{} is writable", directory.display()),
        Err(error) => format!("{}: {error}", directory.display()),
    };
    let advice =
        written.is_err().then_some("set TMPDIR to a writable directory, or give `omega demo` a --dir");
    Check { what: "temp files", found, advice }
}

fn test_files() -> Check {
    let named = std::env::var_os("OMEGA_TEST_DATA").filter(|value| !value.is_empty());
    let directory = named.map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    let found = directory.join("bars").is_dir();
    let text = if found { "found in" } else { "not in" };
    Check {
        what: "test files",
        found: format!("{text} {}", directory.display()),
        advice: (!found)
            .then_some("for developers only: set OMEGA_TEST_DATA; tests that need it are skipped"),
    }
}
