//! `omega doctor`: whether this machine, this build and those it talks to can do what will be asked of them.
//!
//! It refuses to change anything, to show a secret, and to warn without saying what to do.

use super::Command;
use clap::Args;
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "doctor",
    about: "Check this build, this machine, and everything a farm of this configuration needs",
    arguments: Arguments::augment_args,
    run: |matches, console| crate::doctor::execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega doctor --offline
  omega doctor --config omega.toml  # needs a file

Each line is ok, warning or broken, with the figure; an arrow says what to do. Ends with 1 where something is broken.")]
pub(crate) struct Arguments {
    /// The configuration [default: omega.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Leave out what lies beyond this machine
    #[arg(long)]
    pub offline: bool,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
}
