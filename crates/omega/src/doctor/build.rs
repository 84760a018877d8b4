//! This build and the terminal it speaks on.
//!
//! It refuses to warn of what is only slower or plainer than it could be without saying how to have it otherwise.

use super::Finding;
use std::io::IsTerminal;
use std::path::PathBuf;

pub(super) fn look() -> Vec<Finding> {
    vec![version(), formats(), cores(), terminal(), temporary_directory(), test_files()]
}

fn version() -> Finding {
    let found = |build| format!("omega {} ({build})", env!("CARGO_PKG_VERSION"));
    if cfg!(debug_assertions) {
        let mend = "build with --release: a debug build is ten times slower";
        return Finding::warning("version", found("debug"), mend);
    }
    Finding::ok("version", found("release"))
}

fn formats() -> Finding {
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
    if cfg!(feature = "parquet") {
        return Finding::ok("formats", found);
    }
    Finding::warning("formats", found, "build with --features parquet to read Parquet files")
}

fn cores() -> Finding {
    match std::thread::available_parallelism() {
        Ok(cores) => Finding::ok("CPU cores", cores.to_string()),
        Err(error) => {
            let mend = "nothing to do: a back-test runs on one core";
            Finding::warning("CPU cores", format!("unknown: {error}"), mend)
        }
    }
}

fn terminal() -> Finding {
    let is = |terminal: bool| if terminal { "a terminal" } else { "not a terminal" };
    let out = is(std::io::stdout().is_terminal());
    let err = is(std::io::stderr().is_terminal());
    let size = ratatui::crossterm::terminal::size().ok().filter(|_| std::io::stdout().is_terminal());
    let sized = size.map_or_else(String::new, |(columns, rows)| format!(", {columns}x{rows}"));
    let found = format!("stdout is {out}{sized}, stderr is {err}");
    match size {
        Some((columns, rows)) if columns < 80 || rows < 24 => Finding::warning(
            "terminal",
            found,
            "make the window 80x24 or larger for `omega top` and `omega demo`",
        ),
        _ => Finding::ok("terminal", found),
    }
}

fn temporary_directory() -> Finding {
    let directory = std::env::temp_dir();
    let probe = directory.join(format!(".omega-doctor-{}", std::process::id()));
    let written = std::fs::write(&probe, b"probe");
    // A probe that was not written cannot be removed; one that stays behind is five bytes.
    let _ = std::fs::remove_file(&probe);
    match &written {
        Ok(()) => Finding::ok("temp files", format!("{} is writable", directory.display())),
        Err(error) => Finding::warning(
            "temp files",
            format!("{}: {error}", directory.display()),
            "set TMPDIR to a writable directory, or give `omega demo` a --dir",
        ),
    }
}

fn test_files() -> Finding {
    let named = std::env::var_os("OMEGA_TEST_DATA").filter(|value| !value.is_empty());
    let directory = named.map_or_else(|| PathBuf::from("../shared/data"), PathBuf::from);
    if directory.join("bars").is_dir() {
        return Finding::ok("test files", format!("found in {}", directory.display()));
    }
    // Nobody who runs a farm needs them.
    let found = format!("not in {} (for developers: OMEGA_TEST_DATA says where)", directory.display());
    Finding::ok("test files", found)
}
