//! The configuration of this process: its file and its environment, read for every command that needs them.
//!
//! It refuses to decide anything about them: that is the crate `config`.

use crate::error::Failure;
use config::{BadConfig, Config, Environment, Reference};
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// What is read where nobody names a file, if it is there.
pub const USUAL_FILE: &str = "omega.toml";

/// A text and the name it is told by.
#[derive(Debug)]
pub struct Written {
    /// Its file.
    pub file: PathBuf,
    /// What it says; empty where there is none.
    pub text: String,
    /// Whether there is a file.
    pub is_there: bool,
}

/// The variables of this process; what is no text is none of ours.
pub fn environment() -> Environment {
    let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        Some((name.into_string().ok()?, value.into_string().ok()?))
    };
    std::env::vars_os().filter_map(text).collect()
}

/// The file that was named, or the usual one; only the latter may be missing.
pub fn written(named: Option<&Path>) -> Result<Written, Failure> {
    let file = named.unwrap_or(Path::new(USUAL_FILE));
    let failed = |why: String| {
        Failure::input(
            format!("cannot read {}: {why}", file.display()),
            "name a file of TOML; `omega config example` writes one to begin with",
        )
    };
    let mut bytes = Vec::new();
    let limit = config::TEXT_BYTES_MAX as u64 + 1;
    let is_there = match File::open(file).and_then(|opened| opened.take(limit).read_to_end(&mut bytes)) {
        Ok(_) => true,
        Err(error) if named.is_none() && error.kind() == io::ErrorKind::NotFound => false,
        Err(error) => return Err(failed(error.to_string())),
    };
    let text = String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        failed(format!("byte {at} is no UTF-8"))
    })?;
    Ok(Written { file: file.to_owned(), text, is_there })
}

/// The configuration, or everything that is wrong with it.
pub fn read(written: &Written, environment: &Environment) -> Result<Config, Vec<BadConfig>> {
    Config::read(&written.text, environment)
}

/// Where the encrypted file is: as the flag says, else as the configuration does.
pub fn secrets_file(flag: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(file) = flag {
        return Ok(file.to_owned());
    }
    let written = written(None)?;
    match read(&written, &environment()) {
        Ok(config) => Ok(PathBuf::from(config.secrets.file)),
        Err(faults) => Err(Failure::input(
            format!("{} does not say where the secrets are: {}", written.file.display(), faults[0]),
            "`omega config check` lists all that is wrong; or name the encrypted file with --file",
        )),
    }
}

/// Every reference of a configuration, with its key.
pub fn references(config: &Config) -> Vec<(String, Reference)> {
    let accounts = config.account.iter().enumerate().flat_map(|(index, account)| {
        let keys = [("key", &account.key), ("secret", &account.secret), ("passphrase", &account.passphrase)];
        keys.map(|(name, reference)| (format!("account[{index}].{name}"), reference))
    });
    let others = [
        ("bus.password", &config.bus.password),
        ("history.url", &config.history.url),
        ("history.encryption_key", &config.history.encryption_key),
        ("journal.encryption_key", &config.journal.encryption_key),
        ("access.encryption_key", &config.access.encryption_key),
        ("discord.token", &config.discord.token),
    ];
    let others = others.map(|(name, reference)| (name.to_owned(), reference));
    accounts.chain(others).filter_map(|(name, reference)| Some((name, reference.clone()?))).collect()
}
