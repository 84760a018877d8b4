//! Everything that can go wrong with a history, and what to do next.
//!
//! It refuses to name a server's password: what a driver says about an address is not repeated.

use crate::query::ROWS_MAX;
use crate::row::RECORD_BYTES_MAX;
use crate::totals::TOTALS_MAX;

/// Why a store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BadStore {
    /// Nobody answers now, or there is no room: the same again may work.
    #[error(
        "the history does not answer ({0}): it is tried again; look at the disk's room and rights, or at the server"
    )]
    Away(String),
    /// Written by a later omega.
    #[error(
        "the history is of version {found}, this omega knows {known}: start the omega that wrote it, or a later one"
    )]
    Newer {
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Written by an earlier omega, and only looked at.
    #[error(
        "the history is of version {found}, not {known}: `omega history migrate` brings it up; keep a copy"
    )]
    Older {
        /// Its version.
        found: u32,
        /// Ours.
        known: u32,
    },
    /// Something else, or nothing.
    #[error(
        "{0} is no history of a farm: name the file that `omega run` writes, or a name where nothing is yet"
    )]
    NotOurs(String),
    /// Broken.
    #[error(
        "the history is damaged ({0}): put it aside, keep it, and begin another; the journals still know everything"
    )]
    Damaged(String),
    /// A server that cannot keep a batch whole.
    #[error("the server keeps no batch whole ({0}): start mongod with --replSet, one node is enough")]
    NoTransactions(String),
    /// An address that is none.
    #[error(
        "that is no address of a MongoDB server: one looks like mongodb://user:password@host:27017/?replicaSet=rs0"
    )]
    NoAddress,
    /// A row that is not what its version says.
    #[error(
        "the row {key} cannot be read ({why}): somebody else wrote it; look at it with the store's own tool"
    )]
    Unreadable {
        /// Which.
        key: String,
        /// Why.
        why: String,
    },
    /// Rows are sealed, and there is no key.
    #[error("{0} is sealed: configure the key that it was sealed with")]
    KeyMissing(String),
    /// Sealed with another key, or changed afterwards.
    #[error("{0} was sealed with another key, or changed since: configure the key that it was sealed with")]
    WrongKey(String),
    /// What was to be kept.
    #[error(transparent)]
    Record(#[from] BadRecord),
    /// What was asked.
    #[error(transparent)]
    Query(#[from] BadQuery),
}

/// What cannot be kept, whatever the store.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadRecord {
    /// Too long.
    #[error(
        "the row {key} has {bytes} bytes of text: at most {RECORD_BYTES_MAX} are kept, so say it shorter"
    )]
    TooLong {
        /// Which.
        key: String,
        /// How long.
        bytes: usize,
    },
    /// A number or a time that no store holds exactly.
    #[error("the row {key} has {column} {value}: give a finite number, and a time between 1970 and 9999")]
    OutOfRange {
        /// Which.
        key: String,
        /// Where.
        column: &'static str,
        /// What.
        value: String,
    },
    /// A text that not every tool reads to its end.
    #[error("the row {key} has a NUL in {column}: leave it out")]
    Nul {
        /// Which.
        key: String,
        /// Where.
        column: &'static str,
    },
}

/// What cannot be asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadQuery {
    /// None, or too many at once.
    #[error("{0} rows are asked for at once: ask for 1 to {ROWS_MAX}, and for the next page after it")]
    Rows(usize),
    /// The audit is of people.
    #[error("the audit has no {0}: leave it out")]
    NotOfTheAudit(&'static str),
    /// Only trades have a result.
    #[error("only trades can be summed, not {0}")]
    NoSums(&'static str),
    /// Too many sums.
    #[error("more than {TOTALS_MAX} sums: ask for a longer period, for one bot, or for fewer days")]
    TooManySums,
}
