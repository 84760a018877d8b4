//! A Bitget that is not Bitget: accounts, orders, a market and its sockets, as values behind a matching and margin engine.
//!
//! The other side of `venue-bitget`, and strange to it: no code is shared, every row is written from the reference, so
//! that each checks the other. Requests and frames are handed in with the time, replies and frames are handed out; the
//! same calls give the same bytes on every machine. It refuses to open a socket, to read a clock and to be kinder than
//! the exchange: what the reference says breaks adapters breaks them here.

mod access;
mod candles;
mod capture;
mod counters;
mod exchange;
mod faults;
mod http;
mod inside;
mod inspection;
mod journal;
mod limits;
mod lockstep;
mod made;
mod orders;
mod plans;
mod recorded;
mod records;
mod refusal;
mod reports;
mod rest;
mod rows;
mod rsa_key;
mod session;
mod settings;
mod setup;
mod source;
mod symbols;
mod tape;
mod text;
mod user;

pub use capture::{BadCapture, Capture};
pub use exchange::{Exchange, Matching};
pub use faults::{BadSchedule, Fault, Scheduled};
pub use http::{Method, NO_ANSWER, Request, Response};
pub use inside::{Names, Overheard};
pub use journal::BadEntry;
pub use lockstep::LockStep;
pub use recorded::BadBars;

pub use made::{MadeMarket, TICK};
pub use session::{FRAME_BYTES_MAX, OUTBOX_BYTES_MAX, OUTBOX_MAX, SESSIONS_MAX, Said, SessionId};
pub use setup::{AccountSetup, BadSetup, Environment, Generation, KeySetup, Permission, Setup};
pub use symbols::{btcusdt, ethusdt, instrument};
pub use tape::Stretch;
