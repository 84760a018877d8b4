//! `omega cosmos`: the sky, and whether it matters.

// tidy: list-of .
mod calendar;
mod now;
mod selftest;
mod test;

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
    /// The sky and every reading now
    Now(now::NowArguments),
    /// The sky and every reading at an instant
    At(now::AtArguments),
    /// Phases of the Moon and stations of Mercury between two days
    Calendar(calendar::Arguments),
    /// Does a factor matter to a persona? With, without and placebos
    Test(Box<test::Arguments>),
    /// Test the test: made markets with nothing in them, or with a planted effect
    Selftest(selftest::Arguments),
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Now(arguments) => now::now(arguments, console),
        Verb::At(arguments) => now::at(arguments, console),
        Verb::Calendar(arguments) => calendar::execute(arguments, console),
        Verb::Test(arguments) => test::execute(arguments, console),
        Verb::Selftest(arguments) => selftest::execute(arguments, console),
    }
}
