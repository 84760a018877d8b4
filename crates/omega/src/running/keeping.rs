//! Where a farm's history is kept, for whoever writes it and whoever asks.
//!
//! It refuses to begin with a history that cannot be opened: that is told before anything trades.

use super::keys;
use crate::error::Failure;
use config::{Config, HistoryKind};
use history::{BadStore, Sqlite, Store};
use secrets::{Fetcher, Key};
use std::path::PathBuf;
use std::sync::Arc;

/// Where it is.
#[derive(Clone)]
enum Where {
    /// A file of this machine.
    File(PathBuf),
    /// A server.
    #[cfg(feature = "mongodb")]
    Server(history::Server),
}

/// The history, and the key to it.
#[derive(Clone)]
pub(super) struct Keeping {
    place: Where,
    key: Option<Arc<Key>>,
}

impl Keeping {
    /// As it is configured.
    pub(super) fn of(config: &Config, fetcher: &mut Fetcher<'_>) -> Result<Keeping, Failure> {
        let key = keys::of_history(config, fetcher)?.map(Arc::new);
        let place = match config.history.kind() {
            HistoryKind::Mongodb => server(config, fetcher)?,
            HistoryKind::Sqlite | HistoryKind::Auto => {
                Where::File(PathBuf::from(config.history.file(&config.farm.data_dir)))
            }
        };
        Ok(Keeping { place, key })
    }

    /// Opens it for writing.
    pub(super) fn open(&self) -> Result<Box<dyn Store>, BadStore> {
        let seal = keys::history_seal(self.key.as_deref());
        match &self.place {
            Where::File(file) => Ok(Box::new(Sqlite::open(file, seal)?)),
            #[cfg(feature = "mongodb")]
            Where::Server(server) => Ok(Box::new(history::Mongo::open(server, seal)?)),
        }
    }

    /// Opens it for looking only.
    #[cfg(feature = "gateway")]
    pub(super) fn look(&self) -> Result<Box<dyn Store>, BadStore> {
        let seal = keys::history_seal(self.key.as_deref());
        match &self.place {
            Where::File(file) => Ok(Box::new(Sqlite::look(file, seal)?)),
            #[cfg(feature = "mongodb")]
            Where::Server(server) => Ok(Box::new(history::Mongo::look(server, seal)?)),
        }
    }
}

#[cfg(feature = "mongodb")]
fn server(config: &Config, fetcher: &mut Fetcher<'_>) -> Result<Where, Failure> {
    let reference = config.history.url.as_ref().ok_or_else(|| {
        Failure::input(
            "history.kind is \"mongodb\" and nobody says where the server is",
            "set history.url to where its address is, like \"env:MONGODB_URL\"",
        )
    })?;
    let address = fetcher
        .fetch(reference)
        .map_err(|error| Failure::input(error.to_string(), "set it, or name another place in history.url"))?;
    let database = config.history.database.clone();
    Ok(Where::Server(history::Server { address: address.expose().to_owned(), database }))
}

#[cfg(not(feature = "mongodb"))]
fn server(_: &Config, _: &mut Fetcher<'_>) -> Result<Where, Failure> {
    Err(Failure::input(
        "this program keeps its history in a file",
        "set history.kind = \"sqlite\", or build omega with the feature `mongodb`",
    ))
}
