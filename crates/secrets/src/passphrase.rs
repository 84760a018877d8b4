//! What opens the encrypted file: from a variable, from a file that a variable names, or from a person at a terminal.
//!
//! It refuses a passphrase on a command line, where every process of the machine could read it.

use crate::error::BadSecret;
use crate::fetch;
use crate::text::SecretText;
use config::Environment;
use std::path::Path;

/// The fewest characters of a new passphrase.
pub const PASSPHRASE_CHARS_MIN: usize = 12;

/// Which passphrase.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The one that opens the file as it is.
    Current,
    /// The one it is rotated to.
    New,
}

impl Source {
    /// The variable that holds it; with `_FILE` behind it, the one that says which file does.
    pub const fn variable(self) -> &'static str {
        match self {
            Source::Current => "OMEGA_SECRETS_KEY",
            Source::New => "OMEGA_SECRETS_NEW_KEY",
        }
    }
}

/// A passphrase.
#[derive(Clone, Debug)]
pub struct Passphrase(SecretText);

impl Passphrase {
    /// That one.
    pub fn new(text: SecretText) -> Passphrase {
        Passphrase(text)
    }

    /// From the environment: the variable itself, else the file that it names. `None` where neither is set.
    ///
    /// # Errors
    /// What is named cannot be read.
    pub fn of_environment(
        source: Source,
        environment: &Environment,
    ) -> Result<Option<Passphrase>, BadSecret> {
        let set = |name: &str| environment.get(name).filter(|value| !value.is_empty());
        let variable = source.variable();
        if let Some(text) = set(variable) {
            return Ok(Some(Passphrase(SecretText::new(text.clone()))));
        }
        let Some(path) = set(&format!("{variable}_FILE")) else { return Ok(None) };
        Ok(Some(Passphrase(fetch::of_file(Path::new(path))?)))
    }

    /// Refuses one that would be guessed.
    ///
    /// # Errors
    /// It is too short.
    pub fn check_new(self) -> Result<Passphrase, BadSecret> {
        if self.0.expose().chars().count() < PASSPHRASE_CHARS_MIN {
            return Err(BadSecret::Short(PASSPHRASE_CHARS_MIN));
        }
        Ok(self)
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.expose().as_bytes()
    }
}
