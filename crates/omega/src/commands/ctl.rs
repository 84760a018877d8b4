//! `omega ctl`: a command of the catalogue, given to a farm that runs.
//!
//! It refuses to confirm what was not shown, and to say that something was done before the shard has said so.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use clap::Args;
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "ctl",
    about: "Look at a farm that runs, and steer it",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// Where the farm is, and with which token one comes.
#[derive(Args, Debug)]
pub(crate) struct There {
    /// The gateway's address [default: that of the configuration]
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// A file with a token in it [default: local.token in the farm's directory]
    #[arg(long, value_name = "FILE")]
    pub token_file: Option<PathBuf>,
    /// The configuration of the farm [default: omega.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega ctl farm_status  # needs a farm that runs
  omega ctl stats strategic_btc  # needs a farm that runs
  omega ctl close strategic_btc  # needs a farm that runs
  omega ctl allocate strategic_btc 250 --yes --code 123456  # needs a farm that runs

`omega ctl help` lists the commands. What is dangerous is shown first; then you are asked, or give --yes (and --code where one
is needed). Ends with 1 when it was refused, 3 when no shard has answered yet, 4 when it waits for a confirmation.")]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub there: There,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
    /// Confirm what is shown without being asked
    #[arg(long)]
    pub yes: bool,
    /// A code of your authenticator, or a recovery code
    #[arg(long, value_name = "CODE")]
    pub code: Option<String>,
    /// The command
    #[arg(value_name = "COMMAND")]
    pub command: String,
    /// Its arguments in their order, or as name=value
    #[arg(value_name = "ARG")]
    pub words: Vec<String>,
}

#[cfg(feature = "gateway")]
fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    crate::steering::execute(arguments, console)
}

#[cfg(not(feature = "gateway"))]
fn execute(arguments: &Arguments, _: &Console) -> Result<(), Failure> {
    let Arguments { there: There { url, token_file, config }, json, yes, code, command, words } = arguments;
    let _of_the_other_build = (url, token_file, config, json, yes, code, words);
    Err(super::without_gateway(&format!("`{command}` cannot be given")))
}
