//! Keys of what is encrypted at rest: fetched once, and handed to whoever seals with them.
//!
//! It refuses a key that is none, and to show one.

use crate::error::Failure;
use config::Reference;
use secrets::{Fetcher, Key, Seal};

/// Seals rows of the history and the book of identities.
struct Sealer(Seal);

impl history::Seal for Sealer {
    fn seal(&self, aad: &[u8], plain: &[u8]) -> Vec<u8> {
        self.0.seal(aad, plain).expect("a machine that trades has random bytes")
    }

    fn open(&self, aad: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(aad, sealed).ok()
    }
}

#[cfg(feature = "gateway")]
impl gateway::Seal for Sealer {
    fn seal(&self, associated: &[u8], plain: &[u8]) -> Result<Vec<u8>, String> {
        self.0.seal(associated, plain).map_err(|error| error.to_string())
    }

    fn open(&self, associated: &[u8], sealed: &[u8]) -> Option<Vec<u8>> {
        self.0.open(associated, sealed).ok()
    }
}

/// The key that this names, if it names one.
fn key(what: &str, reference: Option<&Reference>, fetcher: &mut Fetcher<'_>) -> Result<Option<Key>, Failure> {
    let Some(reference) = reference else { return Ok(None) };
    let fetched = fetcher.fetch(reference).and_then(|text| Key::parse(what, &text));
    let unfit = |error: secrets::BadSecret| {
        Failure::input(error.to_string(), "`omega secrets set` keeps a key; `openssl rand -hex 32` makes one")
    };
    fetched.map(Some).map_err(unfit)
}

/// The key of the history.
pub(super) fn of_history(config: &config::Config, fetcher: &mut Fetcher<'_>) -> Result<Option<Key>, Failure> {
    key("history.encryption_key", config.history.encryption_key.as_ref(), fetcher)
}

/// Who seals the history's rows with that key.
pub(super) fn history_seal(key: Option<&Key>) -> Option<Box<dyn history::Seal>> {
    key.map(|key| Box::new(Sealer(Seal::new(key))) as Box<dyn history::Seal>)
}

/// Who seals the book of identities, where there is a key for it.
#[cfg(feature = "gateway")]
pub(crate) fn access_seal(
    config: &config::Config,
    fetcher: &mut Fetcher<'_>,
) -> Result<Option<Box<dyn gateway::Seal>>, Failure> {
    let key = key("access.encryption_key", config.access.encryption_key.as_ref(), fetcher)?;
    Ok(key.map(|key| Box::new(Sealer(Seal::new(&key))) as Box<dyn gateway::Seal>))
}
