//! `omega secrets rm`: a secret out of the encrypted file. It refuses a name that nothing has.

use super::{WhichFile, failure, passphrase};
use crate::console::Console;
use crate::error::Failure;
use clap::Args;
use secrets::{BadSecret, Safe, Source};

/// The flags.
#[derive(Args, Debug)]
#[command(after_help = "Examples:\n  omega secrets rm bitget_key  # needs OMEGA_SECRETS_KEY or a terminal")]
pub(super) struct Arguments {
    /// What it is called
    #[arg(value_name = "NAME")]
    name: String,
    #[command(flatten)]
    which: WhichFile,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let file = arguments.which.path()?;
    if !file.exists() {
        return Err(failure(&BadSecret::NoSafe(file)));
    }
    let phrase = passphrase(Source::Current)?;
    let _hold = Safe::hold(&file).map_err(|error| failure(&error))?;
    let mut safe = Safe::open(&file, &phrase).map_err(|error| failure(&error))?;
    safe.remove(&arguments.name).and_then(|()| safe.save()).map_err(|error| failure(&error))?;
    console.print(&format!("removed {} from {}\n", arguments.name, file.display()))
}
