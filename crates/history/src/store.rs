//! The port: what every store of a history does, and promises.
//!
//! What all of them promise, and the contract in `tests/contract` holds them to: `Ok` of `keep` means that all of the batch is
//! on a disk, and an error that none of it is, or that the same batch again is harmless. A key is a row: the first that came
//! under it stays, so repeats and their order change nothing. Readers never wait for a writer.

use crate::bad::BadStore;
use crate::query::{Page, Query};
use crate::totals::{self, Total};
use control::period::Period;
use control::record::Record;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kept {
    /// Rows that are new.
    pub added: usize,
    /// Rows that were there already.
    pub repeated: usize,
    /// Of those, rows that said something else under the same key: what was there has stayed.
    pub contradicted: usize,
}

/// A history.
pub trait Store: Send {
    /// Keeps all of them or none; those that are there already change nothing.
    fn keep(&mut self, records: &[Record]) -> Result<Kept, BadStore>;

    /// Some rows, and where the next ones begin.
    fn read(&mut self, query: &Query) -> Result<Page, BadStore>;

    /// What each bot earned in each period, in the order of time; paper, demo and live each for itself.
    fn totals(&mut self, query: &Query, period: Period) -> Result<Vec<Total>, BadStore> {
        totals::totals(self, query, period)
    }
}
