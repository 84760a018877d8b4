//! `omega drift`: each session of a farm against the same session in the back-tester.
//!
//! It refuses to end well where a budget is broken, or where nobody can say whether it is.

use super::Command;
use crate::drifting;
use crate::parse;
use clap::Args;
use config::Reference;
use model::Time;
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "drift",
    about: "Hold what a farm did against the back-tester: signals, trades, fills, fees, funding",
    arguments: Arguments::augment_args,
    run: |matches, console| drifting::execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "\
It ends with 0 where every line is within its budget ([drift] in omega.toml), with 3 where one is over it, and with 4 where
none is over but something is not known.

Examples:
  omega drift  # needs a farm that has run here
  omega drift omega-data --bot newbie --from 2025-10-09  # needs that farm, and a bot of that name
  omega drift journal.omega --to 2025-01-02 --json")]
pub(crate) struct Arguments {
    /// A journal, or the directory in which journals lie [default: farm.data_dir of the configuration]
    #[arg(value_name = "JOURNAL")]
    pub journal: Option<PathBuf>,
    /// The configuration that the farm runs with [default: omega.toml, if it is there]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the key of an encrypted journal is: env:NAME, file:/path or secret:NAME
    #[arg(long, value_name = "REFERENCE", value_parser = reference)]
    pub key: Option<Reference>,
    /// Of this bot only, by its name or number (b3)
    #[arg(long, value_name = "BOT")]
    pub bot: Option<String>,
    /// Sessions that end behind this UTC day or instant
    #[arg(long, value_name = "TIME", value_parser = parse::instant)]
    pub from: Option<Time>,
    /// Sessions that begin before this UTC day or instant
    #[arg(long, value_name = "TIME", value_parser = parse::instant)]
    pub to: Option<Time>,
    /// By the journal's own bars, also where the market itself could be told again
    #[arg(long)]
    pub by_bars: bool,
    /// Print what a farm that runs is told of each session that is over: a line of JSON each
    #[arg(long, hide = true, value_name = "MODE")]
    pub told_in: Option<String>,
    /// Print one JSON document instead of tables
    #[arg(long)]
    pub json: bool,
}

fn reference(text: &str) -> Result<Reference, String> {
    Reference::parse(text).map_err(|_| "write where it is: env:NAME, file:/path or secret:NAME".to_owned())
}
