//! `omega config`: what can be configured, a file to begin with, and what is wrong with one.
//!
//! It refuses to run anything, and to show a secret.

// tidy: list-of .
mod check;
mod example;
mod schema;

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use clap::{Args, Subcommand};

pub(super) const COMMAND: Command = Command {
    name: "config",
    about: "Say what can be configured, write a file to begin with, and check one",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
struct Arguments {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Subcommand, Debug)]
enum Verb {
    /// Print every key: what it does, what it takes, its default and its variables
    Schema(schema::Arguments),
    /// Print a commented file with every key at its default
    Example(example::Arguments),
    /// Say what a file is understood as, or all that is wrong with it
    Check(check::Arguments),
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Schema(arguments) => schema::execute(arguments, console),
        Verb::Example(arguments) => example::execute(arguments, console),
        Verb::Check(arguments) => check::execute(arguments, console),
    }
}
