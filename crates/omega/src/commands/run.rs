//! `omega run`: keeps a farm alive, on paper unless real money was asked for twice.
//!
//! It refuses to begin on a configuration that is wrong, and to trade real money because a file says so.

use super::{Command, arguments};
use crate::running;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "run",
    about: "Run a farm: on paper by default, until it is stopped",
    arguments: |command| Arguments::augment_args(command),
    run: |matches, console| running::run(&arguments(matches), console),
};

/// What a process does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Role {
    /// Holds bots and trades.
    Trader,
    /// Keeps the history, and answers whoever asks.
    Gateway,
}

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega run --for 2\n  omega run --config omega.toml  # needs a file\n  omega run --roles trader --bots strategic_btc  # needs a bot of that name and Redis\n  omega run --config live.toml --live  # needs keys of an account"
)]
pub(crate) struct Arguments {
    /// The configuration [default: omega.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// What this process does [default: everything]
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ROLE,…")]
    pub(crate) roles: Vec<Role>,
    /// Which bots it holds [default: all]
    #[arg(long, value_delimiter = ',', value_name = "BOT,…")]
    pub(crate) bots: Vec<String>,
    /// Trade real money: asked for here and by `farm.mode = "live"`
    #[arg(long)]
    pub(crate) live: bool,
    /// Stop by itself after so many seconds
    #[arg(long = "for", value_name = "SECONDS")]
    pub(crate) seconds: Option<u64>,
}
