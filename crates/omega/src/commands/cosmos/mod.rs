//! `omega cosmos`: the sky, and whether it matters.

// tidy: list-of .
mod selftest;

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use clap::{Args, Subcommand};

pub(super) const COMMAND: Command = Command {
    name: "cosmos",
    about: "The sky now and then, and an honest test of whether it matters",
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
    /// Test the test: made markets with nothing in them, or with a planted effect
    Selftest(selftest::Arguments),
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Selftest(arguments) => selftest::execute(arguments, console),
    }
}
