//! `omega secrets list`: the names, and nothing but the names.

use super::WhichFile;
use crate::console::Console;
use crate::error::Failure;
use clap::Args;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega secrets list  # needs OMEGA_SECRETS_KEY or a terminal")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: WhichFile,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let safe = arguments.which.open()?;
    console.print(&safe.names().map(|name| format!("{name}\n")).collect::<String>())
}
