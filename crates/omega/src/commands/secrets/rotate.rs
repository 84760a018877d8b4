//! `omega secrets rotate`: another passphrase, every secret encrypted anew. The old file stays until the new one is on disk.
//! It refuses a passphrase that would be guessed.

use super::{WhichFile, failure, new_passphrase, passphrase};
use crate::console::Console;
use crate::error::Failure;
use clap::Args;
use secrets::{BadSecret, Cost, Safe, Source};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega secrets rotate  # needs OMEGA_SECRETS_KEY and OMEGA_SECRETS_NEW_KEY, or a terminal"
)]
pub(super) struct Arguments {
    #[command(flatten)]
    which: WhichFile,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let file = arguments.which.path()?;
    if !file.exists() {
        return Err(failure(&BadSecret::NoSafe(file)));
    }
    let (old, new) = (passphrase(Source::Current)?, new_passphrase(Source::New)?);
    let _hold = Safe::hold(&file).map_err(|error| failure(&error))?;
    let rotated = Safe::open(&file, &old).and_then(|safe| safe.rotated(&new, Cost::STANDARD));
    let rotated = rotated.and_then(|safe| safe.save().map(|()| safe)).map_err(|error| failure(&error))?;
    let count = rotated.names().count();
    console.print(&format!("{count} secrets of {} are under the new passphrase\n", file.display()))
}
