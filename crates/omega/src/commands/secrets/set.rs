//! `omega secrets set`: a secret into the encrypted file. It refuses to take it from the command line.

use super::{WhichFile, failure, new_passphrase, passphrase};
use crate::console::Console;
use crate::error::Failure;
use crate::prompt;
use clap::Args;
use secrets::{BadSecret, Cost, Key, SECRET_BYTES_MAX, Safe, SecretText, Source};
use std::io::{self, IsTerminal, Read};

/// The flags.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  omega secrets set bitget_key  # needs a secret on standard input or a terminal\n  omega secrets set journal_key --generate  # needs OMEGA_SECRETS_KEY or a terminal\n\nWhat opens the file comes from OMEGA_SECRETS_KEY, from the file OMEGA_SECRETS_KEY_FILE names, or is asked for."
)]
pub(super) struct Arguments {
    /// What it is called: `secret:NAME` in omega.toml
    #[arg(value_name = "NAME")]
    name: String,
    /// Make a new key of 32 random bytes instead of reading one
    #[arg(long)]
    generate: bool,
    #[command(flatten)]
    which: WhichFile,
}

pub(super) fn execute(arguments: &Arguments, console: &Console) -> Result<(), Failure> {
    let name = &arguments.name;
    if !config::is_name(name) {
        return Err(failure(&BadSecret::Name(name.clone())));
    }
    let file = arguments.which.path()?;
    // The secret is read first: the passphrase may be typed, and a lock must not wait for a person.
    let secret = match arguments.generate {
        true => Key::generate().map(|key| key.to_text()).map_err(|error| failure(&error))?,
        false => given(name)?,
    };
    let is_new = !file.exists();
    let phrase = if is_new { new_passphrase(Source::Current)? } else { passphrase(Source::Current)? };
    let hold = Safe::hold(&file).map_err(|error| failure(&error))?;
    let opened = match is_new && !file.exists() {
        true => Safe::create(&file, &phrase, Cost::STANDARD),
        false => Safe::open(&file, &phrase),
    };
    let mut safe = opened.map_err(|error| failure(&error))?;
    let was_there = safe.names().any(|known| known == name);
    safe.set(name, &secret).and_then(|()| safe.save()).map_err(|error| failure(&error))?;
    drop(hold);
    let done = if was_there { "replaced" } else { "set" };
    console
        .print(&format!("{done} {name} in {}: write \"secret:{name}\" where it is needed\n", file.display()))
}

/// From whoever types, else from standard input, without the line break at its end.
fn given(name: &str) -> Result<SecretText, Failure> {
    let none = || failure(&BadSecret::NoText(format!("what was given for {name}")));
    if io::stdin().is_terminal() {
        return prompt::ask_twice(name)?.ok_or_else(none);
    }
    let mut text = String::with_capacity(SECRET_BYTES_MAX + 8);
    io::stdin().take(SECRET_BYTES_MAX as u64 + 2).read_to_string(&mut text).map_err(|_| none())?;
    let end =
        text.strip_suffix('\n').map_or(text.as_str(), |text| text.strip_suffix('\r').unwrap_or(text)).len();
    text.truncate(end);
    if text.is_empty() { Err(none()) } else { Ok(SecretText::new(text)) }
}
