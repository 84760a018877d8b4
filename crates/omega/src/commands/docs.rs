//! `omega docs`: writes the reference pages of the commands. Hidden: it is for those who change a command.
//!
//! It refuses to remove a page, even of a command that is gone; the test that compares them says which.

use super::Command;
use crate::console::Console;
use crate::error::Failure;
use crate::{pages, whole_file};
use clap::Args;
use std::path::PathBuf;

pub(super) const COMMAND: Command = Command {
    name: "docs",
    about: "Write the reference pages of all commands, as Markdown",
    arguments: Arguments::augment_args,
    run: |matches, console| execute(&super::arguments(matches), console),
};

/// The flags.
#[derive(Args, Debug)]
#[command(hide = true)]
struct Arguments {
    /// Where to: docs/commands in a clone
    #[arg(long, value_name = "DIR")]
    dir: PathBuf,
}

fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let pages = pages::pages(super::cli());
    let mut attempts = Vec::new();
    for page in &pages {
        attempts.push(whole_file::prepare(&arguments.dir.join(&page.file), page.text.as_bytes())?);
    }
    attempts.into_iter().try_for_each(whole_file::Attempt::commit)?;
    console.say(&format!("wrote {} pages to {}", pages.len(), arguments.dir.display()));
    Ok(())
}
