//! `omega access`: who may come in, for whoever has the machine and while no gateway runs.
//!
//! It refuses to touch a book that a gateway has in hand, and to show a token twice.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "access",
    about: "Who may come in at the gateway: made, listed, changed and removed",
    arguments: |command| {
        Arguments::augment_args(command).subcommand_required(true).arg_required_else_help(true)
    },
    run: |matches, console| execute(&super::arguments::<Arguments>(matches).verb, console),
};

#[derive(Args, Debug)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

/// Which farm's book.
#[derive(Args, Debug)]
pub(crate) struct Place {
    /// The directory of the farm's files [default: farm.data_dir of the configuration]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// The farm's name [default: farm.name of the configuration]
    #[arg(long, value_name = "NAME")]
    pub farm: Option<String>,
    /// The configuration of the farm [default: omega.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Make the first administrator and show his token, once
    Init(InitArguments),
    /// Show who there is
    List(ListArguments),
    /// Make somebody
    Add(AddArguments),
    /// Give somebody another role
    Role(RoleArguments),
    /// Remove somebody, with his tokens
    Remove(OneArguments),
    /// Take somebody's authenticator away: he lost it
    ResetMfa(ResetArguments),
}

/// The flags of `init`.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega access init --name ann --data /var/lib/omega  # needs to be the first start there"
)]
pub(crate) struct InitArguments {
    #[command(flatten)]
    pub place: Place,
    /// His name
    #[arg(long, value_name = "NAME", default_value = "admin")]
    pub name: String,
}

/// The flags of `list`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega access list --data /var/lib/omega  # needs a farm")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub place: Place,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
}

/// The flags of `add`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega access add --name carl --role operator --bot newbie_btc --size-max 100  # needs a farm")]
pub(crate) struct AddArguments {
    #[command(flatten)]
    pub place: Place,
    /// His name
    #[arg(long, value_name = "NAME")]
    pub name: String,
    /// What he may
    #[arg(long, value_name = "ROLE", value_parser = ["viewer", "operator", "admin"])]
    pub role: String,
    /// A bot he is held to; may be given several times [default: all]
    #[arg(long, value_name = "NAME")]
    pub bot: Vec<String>,
    /// USDT that one command may move or affect [default: no limit]
    #[arg(long, value_name = "USDT")]
    pub size_max: Option<String>,
}

/// The flags of `role`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega access role 3 admin  # needs a farm")]
pub(crate) struct RoleArguments {
    #[command(flatten)]
    pub place: Place,
    /// His number
    #[arg(value_name = "NUMBER")]
    pub identity: u64,
    /// His new role
    #[arg(value_name = "ROLE", value_parser = ["viewer", "operator", "admin"])]
    pub role: String,
}

/// The flags of `remove`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega access remove 3  # needs a farm")]
pub(crate) struct OneArguments {
    #[command(flatten)]
    pub place: Place,
    /// His number
    #[arg(value_name = "NUMBER")]
    pub identity: u64,
}

/// The flags of `reset-mfa`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega access reset-mfa 3  # needs a farm")]
pub(crate) struct ResetArguments {
    #[command(flatten)]
    pub place: Place,
    /// His number
    #[arg(value_name = "NUMBER")]
    pub identity: u64,
}

#[cfg(feature = "gateway")]
fn execute(verb: &Verb, console: &Console) -> Result<(), Failure> {
    crate::people::execute(verb, console)
}

#[cfg(not(feature = "gateway"))]
fn execute(verb: &Verb, _: &Console) -> Result<(), Failure> {
    Err(super::without_gateway(&format!("there is nobody to let in ({verb:?})")))
}
