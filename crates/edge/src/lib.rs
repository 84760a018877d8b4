//! The effects of a running farm: what waits, fails and differs between machines.
//!
//! A module is one outside thing; `exchange` is the sockets of one, `journal` a file of inputs, `trader` a farm on both, `paper` one on a journal and a venue of its own. Everything that is decided is decided elsewhere, by
//! code that a test can drive. It refuses to know what the bytes mean, to wait without a limit, and to hold more than
//! it says it holds.

pub mod exchange;
pub mod journal;
pub mod paper;
pub mod shares;
pub mod trader;
