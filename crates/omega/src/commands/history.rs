//! `omega history`: what a farm did, out of the file in which it is kept.
//!
//! It only looks (`migrate` excepted), so it may be asked while the farm runs. It refuses to add what was earned on paper to
//! money, and to print money in fewer digits than there are.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::parse::{self, Refused};
use clap::{Args, Subcommand};
use model::{Interval, Time};
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "history",
    about: "What a farm did: trades, sessions, equity and audit, listed, summed and exported",
    arguments: |command| {
        Arguments::augment_args(command).subcommand_required(true).arg_required_else_help(true)
    },
    run: |matches, console| execute(&super::arguments::<Arguments>(matches).verb, console),
};

/// The flags.
#[derive(Args, Debug)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Verb {
    /// Show the last rows, newest first
    List(ListArguments),
    /// Sum results by bot and day, week or month, exactly
    Pnl(PnlArguments),
    /// Write rows to a file
    Export(ExportArguments),
    /// Bring a file that an earlier omega wrote up to this one
    Migrate(MigrateArguments),
}

/// Which rows.
#[derive(Args, Debug)]
pub(crate) struct Chosen {
    /// The file in which the history is
    #[arg(long, value_name = "FILE")]
    pub db: PathBuf,
    /// Of this shard only
    #[arg(long, value_name = "NAME")]
    pub shard: Option<String>,
    /// Of this bot only
    #[arg(long, value_name = "NAME")]
    pub bot: Option<String>,
    /// Of this mode only
    #[arg(long, value_name = "MODE", value_parser = ["paper", "demo", "live"])]
    pub mode: Option<String>,
    /// From this UTC day or instant on
    #[arg(long, value_name = "TIME", value_parser = parse::instant)]
    pub from: Option<Time>,
    /// Up to this UTC day, included, or before this instant
    #[arg(long, value_name = "TIME", value_parser = until)]
    pub to: Option<Time>,
}

/// The flags of `list`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega history list --db history.db  # needs a history
  omega history list --db history.db --kind sessions --bot newbie --count 50  # needs a history

An audit's links are cut to the width of a table; --json has them whole.")]
pub(crate) struct ListArguments {
    #[command(flatten)]
    pub chosen: Chosen,
    /// Which rows
    #[arg(long, value_name = "KIND", default_value = "trades", value_parser = ["trades", "sessions", "equity", "audit"])]
    pub kind: String,
    /// So many at most
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub count: u16,
    /// Go on where an earlier page ended: its `next`
    #[arg(long, value_name = "PLACE")]
    pub after: Option<String>,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
}

/// The flags of `pnl`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega history pnl day --db history.db --from 2026-11-01  # needs a history
  omega history pnl month --db history.db --mode live --json  # needs a history

A trade counts where it ended. Days are UTC, weeks begin on Monday; paper, demo and live are never added.")]
pub(crate) struct PnlArguments {
    /// By which period
    #[arg(value_name = "PERIOD", value_parser = ["day", "week", "month"])]
    pub period: String,
    #[command(flatten)]
    pub chosen: Chosen,
    /// Print one JSON document instead of a table
    #[arg(long)]
    pub json: bool,
}

/// The flags of `export`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  omega history export --db history.db --format csv --out trades.csv  # needs a history
  omega history export --db history.db --kind equity --format parquet --out equity.parquet --from 2026-01-01  # needs a history

Rows are in the order of time. Money is exact: decimals of USDT in CSV, text in JSON, DECIMAL(18,6) in Parquet. Times are
milliseconds since 1970, UTC.")]
pub(crate) struct ExportArguments {
    #[command(flatten)]
    pub chosen: Chosen,
    /// Which rows
    #[arg(long, value_name = "KIND", default_value = "trades", value_parser = ["trades", "sessions", "equity", "audit"])]
    pub kind: String,
    /// As what
    #[arg(long, value_name = "FORMAT", value_parser = ["csv", "json", "parquet"])]
    pub format: String,
    /// The file to write; what is there is replaced once all is written
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Print one JSON document instead of a line
    #[arg(long)]
    pub json: bool,
}

/// The flags of `migrate`.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega history migrate --db history.db  # needs a history")]
pub(crate) struct MigrateArguments {
    /// The file in which the history is; keep a copy
    #[arg(long, value_name = "FILE")]
    pub db: PathBuf,
    /// Print one JSON document instead of a line
    #[arg(long)]
    pub json: bool,
}

/// The end of a day, or an instant.
fn until(text: &str) -> Result<Time, Refused> {
    match parse::day(text) {
        Ok(day) => Ok(day + Interval::DAY),
        Err(_) => parse::instant(text),
    }
}

#[cfg(feature = "history")]
fn execute(verb: &Verb, console: &Console) -> Result<(), Failure> {
    crate::memory::execute(verb, console)
}

#[cfg(not(feature = "history"))]
fn execute(verb: &Verb, _: &Console) -> Result<(), Failure> {
    let db = match verb {
        Verb::List(ListArguments { chosen, .. })
        | Verb::Pnl(PnlArguments { chosen, .. })
        | Verb::Export(ExportArguments { chosen, .. }) => &chosen.db,
        Verb::Migrate(MigrateArguments { db, .. }) => db,
    };
    let problem = format!("this build keeps no history, so {} cannot be read", db.display());
    Err(Failure::input(problem, "build with `--features history`"))
}
