//! `omega secrets check`: whether the file opens and every secret in it is as it was written. It refuses to change anything.

use super::WhichFile;
use crate::console::Console;
use crate::error::Failure;
use clap::Args;
use std::os::unix::fs::PermissionsExt;

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega secrets check  # needs OMEGA_SECRETS_KEY or a terminal")]
pub(super) struct Arguments {
    #[command(flatten)]
    which: WhichFile,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let (safe, file) = (arguments.which.open()?, arguments.which.path()?);
    let count = safe.names().count();
    console.print(&format!("{} is whole: {count} secrets\n", file.display()))?;
    let mode = std::fs::metadata(&file).map(|described| described.permissions().mode() & 0o077);
    if mode.is_ok_and(|others| others != 0) {
        console.warn(&format!("others can read {}: close it with `chmod 600`", file.display()));
    }
    Ok(())
}
