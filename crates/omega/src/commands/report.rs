//! `omega report`: the page of a back-test again, from the JSON beside it: after an upgrade, or after it was deleted.
//!
//! It refuses to run anything anew, and to touch the JSON that it reads.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::report::page;
use crate::whole_file;
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::Stdio;

pub(super) const COMMAND: Command = Command {
    name: "report",
    about: "Make the page of a back-test again from its directory, and open it",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The page of a report's directory.
pub(super) const PAGE: &str = "report.html";
const DOCUMENT: &str = "report.json";

/// What `omega backtest --report` leaves in a directory: the page, its document, and the tables behind it.
pub(super) const FILES: [&str; 5] = [PAGE, DOCUMENT, "trades.csv", "equity.csv", "psychology.csv"];

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega report report  # needs a report")]
struct Arguments {
    /// Directory that `omega backtest --report` wrote
    #[arg(value_name = "DIR")]
    directory: PathBuf,
    /// Open the page in the browser
    #[arg(long)]
    open: bool,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let (document, html) = (arguments.directory.join(DOCUMENT), arguments.directory.join(PAGE));
    let again = "write it with `omega backtest --report DIR`, and name that directory";
    let text = std::fs::read_to_string(&document)
        .map_err(|error| Failure::input(format!("cannot read {}: {error}", document.display()), again))?;
    let text = page::of_document(&text).map_err(|problem| {
        let hint = match problem {
            page::Problem::Version(_) => "run the back-test again with this build",
            page::Problem::Malformed(_) | page::Problem::NotAReport => again,
        };
        Failure::input(format!("{} cannot be shown: {problem}", document.display()), hint)
    })?;
    whole_file::prepare(&html, text.as_bytes())?.commit()?;
    if arguments.open
        && let Err(error) = open(&html)
    {
        console.warn(&format!("no browser could be started ({error}); open the file yourself"));
    }
    console.print(&format!("{}\n", whole_file::place(&html).display()))
}

/// Hands the page to whatever this desktop opens pages with, and does not wait for it.
fn open(html: &Path) -> std::io::Result<()> {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else if cfg!(windows) {
        "explorer"
    } else {
        "xdg-open"
    };
    let mut command = std::process::Command::new(opener);
    command.arg(whole_file::place(html));
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(drop)
}
