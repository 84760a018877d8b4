//! `omega config example`: a file to begin with. It refuses to write it anywhere: a shell does.

use crate::console::Console;
use crate::error::Failure;
use clap::Args;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega config example\n\n`omega config example > omega.toml` keeps it.")]
pub(super) struct Arguments {}

pub(super) fn execute(_: &Arguments, console: &Console) -> Result<(), Failure> {
    console.print(&config::example())
}
