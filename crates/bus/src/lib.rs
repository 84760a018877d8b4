//! What carries messages between the processes of a farm, and who may speak for a shard where there are several: queues in one
//! process, Redis between many.
//!
//! It touches the world (sockets, clocks, threads) so that `control` and `farm` need not. What it promises is the contract in
//! `control::bus::contract`, and the proof in `farm::lease`; it refuses to know what a message means.

mod error;
pub mod local;
pub mod redis;
pub mod registry;

pub use error::Failed;
