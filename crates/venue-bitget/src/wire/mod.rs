//! What goes over Bitget's wire, typed: both API generations, REST and WebSocket, public and private.
//!
//! A row here is what the exchange wrote, field by field, not yet what it means: meaning (steps, signs, the hedge
//! `side` rule) is given where a row is read. Unknown fields are ignored, missing ones are empty, unknown words and
//! codes are kept as text. Refuses what is no JSON, and a list or object in a scalar's place.

pub mod account;
pub mod envelope;
pub mod market;
pub mod push;
pub(crate) mod row;
pub mod scalar;
pub mod trading;

pub use envelope::{Envelope, Failure, answer, opened};
pub use push::{Arg, Frame, Pushed, Topic, WireError};
pub use scalar::{Level, Page, Rows, Text};

/// The two families of endpoints: an account belongs to one of them, public data is served by both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Generation {
    /// Classic accounts, `/api/v2/mix`.
    V2,
    /// Unified accounts, `/api/v3`.
    V3,
}
