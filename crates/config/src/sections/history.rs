//! Where what happened is kept for questions. The journal, not this, is what a farm rises from.

use crate::kinds::{FilePath, Label, Secret, word, words};
use crate::reference::Reference;
use crate::section::section;

words! {
    /// Where what happened is kept.
    pub enum HistoryKind {
        /// MongoDB where a URL is named, else SQLite.
        Auto = "auto",
        /// One file on this machine.
        Sqlite = "sqlite",
        /// A database server, for farms of several processes.
        Mongodb = "mongodb",
    }
}

section! {
    /// Where what happened is kept for questions.
    pub struct History {
        /// Where.
        kind: HistoryKind = word(), default "\"auto\"", restart;
        /// SQLite's file; unset: history.sqlite in farm.data_dir.
        path: Option<String> = FilePath, unset "\"omega-data/history.sqlite\"", restart;
        /// Where MongoDB's URL is: it holds a password, so it is a secret.
        url: Option<Reference> = Secret, unset "\"env:MONGODB_URL\"", restart, env ["MONGODB_URL", "MONGODB_URI"];
        /// MongoDB's database.
        database: String = Label { chars_max: 38 }, default "\"omega\"", restart;
        /// Where the key is that encrypts it at rest: 32 bytes in hexadecimal or base64. Unset: not encrypted.
        encryption_key: Option<Reference> = Secret, unset "\"secret:history_key\"", restart;
    }
}

impl History {
    /// Where, with `auto` decided.
    pub fn kind(&self) -> HistoryKind {
        match self.kind {
            HistoryKind::Auto if self.url.is_some() => HistoryKind::Mongodb,
            HistoryKind::Auto => HistoryKind::Sqlite,
            kind => kind,
        }
    }

    /// SQLite's file of a farm that keeps its files there.
    pub fn file(&self, data_dir: &str) -> String {
        self.path.clone().unwrap_or_else(|| format!("{}/history.sqlite", data_dir.trim_end_matches('/')))
    }
}
