//! `omega top`: a farm that runs, watched on the terminal over its API.
//!
//! It refuses to need a terminal: without one, or with --once, it prints one picture and ends.

use super::Command;
use super::ctl::There;
use crate::console::Console;
use crate::error::Failure;
use clap::Args;

pub(super) const COMMAND: Command = Command {
    name: "top",
    about: "Watch a farm that runs: money, positions, moods, decisions, and keys to steer it",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega top  # needs a farm that runs
  omega top --once  # needs a farm that runs
  omega top --url https://farm.example.org --token-file token  # needs a farm that runs

`?` lists the keys. p, r, c and k pause, resume, close and panic: what they would do is shown, and y does it.
COLUMNS and LINES say how large a printed picture is.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub there: There,
    /// Print one picture as text and end
    #[arg(long)]
    pub once: bool,
    /// Print one JSON document and end
    #[arg(long)]
    pub json: bool,
}

#[cfg(feature = "gateway")]
fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    crate::top::execute(arguments, console)
}

#[cfg(not(feature = "gateway"))]
fn execute(arguments: &Arguments, _: &Console) -> Result<(), Failure> {
    Err(super::without_gateway(&format!("there is nothing to watch ({arguments:?})")))
}
