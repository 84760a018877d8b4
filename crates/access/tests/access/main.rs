//! The crate from outside, as the gateway sees it: properties against small models, and the rules one by one.
//!
//! Refuses to look inside: what is tested is what whoever wires it can rely on.

mod authenticator;
mod confirmations;
mod door;
mod people;
mod record;
mod scene;
