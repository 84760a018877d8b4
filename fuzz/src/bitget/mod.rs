//! Both sides of Bitget's wire under fuzz: whatever comes in, nobody panics, hangs or grows without end, and what is wrong
//! is said in a code, an oddity or an error.
//!
//! Starts from a conversation that the adapter and the mock really have, recorded on the spot, since other people's
//! recordings stay outside the project. Refuses to know what an answer should have been: that is what the
//! conformance suite is for.

pub mod adapter;
pub mod mock;
pub mod talk;
pub mod wire;
