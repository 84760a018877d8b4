//! A link over real sockets on the loopback: a scripted protocol on one side, rude servers and bad wires on the other.
#![allow(clippy::unwrap_used)]

mod calls;
mod double;
mod faults;
mod lines;
mod mock;
mod proxy;
mod server;
mod stopping;
mod tls;
