//! `omega token`: what people come in with, for whoever has the machine and while no gateway runs.
//!
//! It refuses to show a token twice: it is kept as a hash.

use super::Command;
use super::access::Place;
use crate::console::Console;
use crate::error::Failure;
use clap::{Args, Subcommand};

pub(super) const COMMAND: Command = Command {
    name: "token",
    about: "Tokens of the gateway: made and revoked",
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

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Make a token and show it, once
    Issue(IssueArguments),
    /// Make a token count no longer
    Revoke(RevokeArguments),
}

/// The flags of `issue`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega token issue 3 --label phone --days 90  # needs a farm")]
pub(crate) struct IssueArguments {
    #[command(flatten)]
    pub place: Place,
    /// Whose: a number of `omega access list`
    #[arg(value_name = "NUMBER")]
    pub identity: u64,
    /// What its owner calls it
    #[arg(long, value_name = "TEXT", default_value = "")]
    pub label: String,
    /// How long it counts [default: until it is revoked]
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=36_500))]
    pub days: Option<u32>,
}

/// The flags of `revoke`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega token revoke 4  # needs a farm")]
pub(crate) struct RevokeArguments {
    #[command(flatten)]
    pub place: Place,
    /// Which: a number of `omega access list`
    #[arg(value_name = "NUMBER")]
    pub token: u64,
}

#[cfg(feature = "gateway")]
fn execute(verb: &Verb, console: &Console) -> Result<(), Failure> {
    crate::people::execute_token(verb, console)
}

#[cfg(not(feature = "gateway"))]
fn execute(verb: &Verb, _: &Console) -> Result<(), Failure> {
    Err(super::without_gateway(&format!("there is no token ({verb:?})")))
}
