//! The door of a farm: HTTP for whoever looks and steers, and the record of what everybody tried.
//!
//! ```text
//! socket ─ limits ─► routes ─ identify ─► call (catalogue) ─ permits ─► audit (on the disk) ─► errands ─► bus ─► shard
//!                                              └ dangerous: preview, waits ─ confirm ┘           ▲         │
//! stream ◄─ ring ◄─ live ◄──────────────────────────────────────────────────────── answers, views, notices ┘
//! ```
//!
//! The API is a table (`routes`); its document, its metrics' labels and its tests are made from it. Two sorts of threads: those
//! of the sockets never wait for a lock, a disk or a database; those that do are few, and one hears the bus.
//!
//! It refuses to do anything without a right and without a line in the audit that is on the disk, to say that something was done
//! before the shard has said so, to speak plain HTTP beyond this machine, and to keep or wait without a limit.

mod archive;
mod audit_file;
mod book;
mod call;
mod clock;
mod counted;
mod door;
mod errands;
mod error;
mod exposition;
mod gateway;
mod http;
mod live;
mod metrics;
mod openapi;
mod own;
mod patient;
mod people;
mod process;
mod pump;
mod refused;
mod repeats;
mod reply;
mod rights;
mod routes;
mod server;
mod settings;
mod shape;
mod stream;
mod tls;

pub use archive::{Archive, Given, NoRows, PAGE_ROWS_MAX, Wanted};
pub use audit_file::{AUDIT_FILE, verify_file};
pub use book::Seal;
pub use clock::Clock;
pub use errands::ErrandId;
pub use error::BadGateway;
pub use gateway::{Gateway, Parts, reads};
pub use http::CODE_HEADER;
pub use openapi::document_text;
pub use people::{LOCAL_NAME, LOCAL_TOKEN_FILE, Offline, shown};
pub use settings::{PORT, Plain, Settings, TlsFiles};
