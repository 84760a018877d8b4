//! The farm's memory: round trips, sessions, equity and the audit, in a file of this machine or on a server.
//!
//! One port, [`Store`], and one contract that every store is held to: a row is kept once however often and in whatever order
//! it comes, a batch is kept whole or not at all, and what was acknowledged survives a `kill -9` and the loss of power.
//!
//! It refuses to be the books (those are the journal's), to add money that is none to money that is, to say that something is
//! kept before it is on a disk, to lose a row because a store is away, and to read a row that was sealed for somebody else.

mod bad;
mod cell;
mod columns;
#[cfg(feature = "mongodb")]
mod mongo;
mod query;
mod row;
mod seal;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod totals;
pub mod writer;

pub use bad::{BadQuery, BadRecord, BadStore};
pub use cell::{Cell, Column, Type};
pub use columns::{cells, columns, record};
pub use control::period::Period;
pub use control::record::Kind;
#[cfg(feature = "mongodb")]
pub use mongo::{Mongo, Server};
pub use query::{Cursor, NoCursor, Order, Page, Query, ROWS_MAX};
pub use row::{RECORD_BYTES_MAX, check};
pub use seal::Seal;
#[cfg(feature = "sqlite")]
pub use sqlite::Sqlite;
pub use store::{Kept, Store};
pub use totals::{Sum, TOTALS_MAX, Total};
pub use writer::Writer;

/// Of what is kept and how. A store of an older one is brought up to it step by step, one of a newer one is left alone.
pub const VERSION: u32 = 2;
