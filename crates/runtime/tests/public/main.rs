//! A farm on paper on an exchange's public stream, over real sockets on the loopback: it trades, it dies and rises, its lines
//! are cut. The exchange is the mock, which knows nothing of it.
#![allow(clippy::unwrap_used)]

mod cut;
mod rises;
mod scene;
