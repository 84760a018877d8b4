//! The gateway over real sockets of this machine: who may not, what is done once, and who keeps others out.
//!
//! A stand-in for a shard counts every errand that came. Refuses to reach beyond 127.0.0.1.

mod client;
mod commands;
mod document;
mod doors;
mod record;
mod scene;
mod sockets;
mod streams;
