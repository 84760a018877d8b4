//! `omega secrets`: the encrypted file of secrets, set, listed, rotated and checked.
//!
//! It refuses a secret or a passphrase on the command line, where every process of the machine could read it, and prints
//! none.

// tidy: list-of .
mod check;
mod list;
mod rm;
mod rotate;
mod set;

use super::Command;
use crate::configured;
use crate::console::Console;
use crate::error::Failure;
use crate::prompt;
use clap::{Args, Subcommand};
use secrets::{BadSecret, Passphrase, Safe, Source};
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "secrets",
    about: "Keep keys in one encrypted file: set, list, remove, rotate, check",
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
    /// Set a secret, from standard input or typed without being shown; the first one makes the file
    Set(set::Arguments),
    /// Encrypt every secret anew under another passphrase
    Rotate(rotate::Arguments),
    /// Print the names of the secrets
    List(list::Arguments),
    /// Remove a secret
    Rm(rm::Arguments),
    /// Open the file and every secret in it, and say whether all is as it was written
    Check(check::Arguments),
}

/// Which file.
#[derive(Args, Debug)]
struct WhichFile {
    /// The encrypted file [default: secrets.file of omega.toml, else secrets.omega]
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl WhichFile {
    fn path(&self) -> Result<PathBuf, Failure> {
        configured::secrets_file(self.file.as_deref())
    }

    fn open(&self) -> Result<Safe, Failure> {
        let file = self.path()?;
        if !file.exists() {
            return Err(failure(&BadSecret::NoSafe(file)));
        }
        Safe::open(&file, &passphrase(Source::Current)?).map_err(|error| failure(&error))
    }
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    match &arguments.verb {
        Verb::Set(arguments) => set::execute(arguments, console),
        Verb::Rotate(arguments) => rotate::execute(arguments, console),
        Verb::List(arguments) => list::execute(arguments, console),
        Verb::Rm(arguments) => rm::execute(arguments, console),
        Verb::Check(arguments) => check::execute(arguments, console),
    }
}

fn failure(error: &BadSecret) -> Failure {
    let (problem, hint) = error.told();
    Failure::input(problem, hint)
}

/// From the environment, else typed.
fn passphrase(source: Source) -> Result<Passphrase, Failure> {
    let found =
        Passphrase::of_environment(source, &configured::environment()).map_err(|error| failure(&error))?;
    let typed = match found {
        Some(passphrase) => return Ok(passphrase),
        None => prompt::ask("passphrase")?,
    };
    typed.map(Passphrase::new).ok_or_else(|| failure(&BadSecret::NoPassphrase(source.variable())))
}

/// One that nobody has used yet: typed twice, and not too short.
fn new_passphrase(source: Source) -> Result<Passphrase, Failure> {
    let found =
        Passphrase::of_environment(source, &configured::environment()).map_err(|error| failure(&error))?;
    let passphrase = match found {
        Some(passphrase) => passphrase,
        None => prompt::ask_twice("new passphrase")?
            .map(Passphrase::new)
            .ok_or_else(|| failure(&BadSecret::NoPassphrase(source.variable())))?,
    };
    passphrase.check_new().map_err(|error| failure(&error))
}
