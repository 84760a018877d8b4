//! What `omega history` does: the file is opened for looking only, and read by the page.
//!
//! It refuses a file of another version, and leaves a farm that is writing to it alone.

mod export;
mod list;
mod pnl;

use crate::commands::history::{Chosen, MigrateArguments, Verb};
use crate::console::Console;
use crate::error::Failure;
use crate::json::Json;
use history::{BadStore, Kind, Query, Sqlite};

impl From<BadStore> for Failure {
    fn from(error: BadStore) -> Failure {
        let said = error.to_string();
        // Every one of these errors ends with what to do next.
        let (problem, hint) =
            said.rsplit_once(": ").unwrap_or((&said, "look at the file with the sqlite3 tool"));
        Failure::input(problem, hint)
    }
}

/// Runs what was asked for.
pub fn execute(verb: &Verb, console: &Console) -> Result<(), Failure> {
    match verb {
        Verb::List(arguments) => list::execute(arguments, console),
        Verb::Pnl(arguments) => pnl::execute(arguments, console),
        Verb::Export(arguments) => export::execute(arguments, console),
        Verb::Migrate(arguments) => migrate(arguments, console),
    }
}

fn open(chosen: &Chosen) -> Result<Sqlite, Failure> {
    Ok(Sqlite::look(&chosen.db, None)?)
}

fn query(chosen: &Chosen, kind: &str) -> Query {
    Query {
        shard: chosen.shard.clone(),
        bot: chosen.bot.clone(),
        mode: chosen.mode.clone(),
        from: chosen.from,
        to: chosen.to,
        ..Query::of(Kind::from_name(kind).expect("clap knows the kinds"))
    }
}

/// What comes from a file may hold anything; a table is of one line a row.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

fn migrate(arguments: &MigrateArguments, console: &Console) -> Result<(), Failure> {
    let (from, to) = Sqlite::migrate(&arguments.db)?;
    if arguments.json {
        let versions =
            [("from", from), ("to", to)].map(|(key, version)| (key, Json::Whole(i64::from(version))));
        return console.print(&Json::object(versions).document());
    }
    let file = arguments.db.display();
    console.print(&match from == to {
        true => format!("{file} is of version {to} already\n"),
        false => format!("{file} was of version {from} and is of version {to} now\n"),
    })
}
