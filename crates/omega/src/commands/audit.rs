//! `omega audit`: whether the record of what was tried is the one that was written.
//!
//! It needs nothing but the file. It refuses to call a record whole whose end is missing, where somebody kept its head.

use super::Command;
use super::access::Place;
use crate::console::Console;
use crate::error::Failure;
use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "audit",
    about: "Look through the record of who tried what",
    arguments: |command| {
        Arguments::augment_args(command).subcommand_required(true).arg_required_else_help(true)
    },
    run: |matches, console| {
        let Verb::Verify(arguments) = super::arguments::<Arguments>(matches).verb;
        execute(&arguments, console)
    },
};

#[derive(Args, Debug)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Look the whole chain through; ends with 1 at the first broken link
    Verify(VerifyArguments),
}

/// The flags of `verify`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega audit verify  # needs a farm
  omega audit verify audit.log --farm omega --head 120:5f2e...  # needs an audit

A head (number and hash) that was kept elsewhere shows also whether the end was cut off or all of it was written anew.")]
pub(crate) struct VerifyArguments {
    #[command(flatten)]
    pub place: Place,
    /// The file [default: audit.log in the farm's directory]
    #[arg(value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// A head that was kept elsewhere
    #[arg(long, value_name = "NUMBER:HASH")]
    pub head: Option<String>,
    /// Print one JSON document instead of a line
    #[arg(long)]
    pub json: bool,
}

#[cfg(feature = "gateway")]
fn execute(arguments: &VerifyArguments, console: &Console) -> Result<(), Failure> {
    crate::people::verify(arguments, console)
}

#[cfg(not(feature = "gateway"))]
fn execute(arguments: &VerifyArguments, _: &Console) -> Result<(), Failure> {
    Err(super::without_gateway(&format!("no audit is read ({arguments:?})")))
}
