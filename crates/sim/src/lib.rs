//! The whole farm under one seed: farm, desk, journal, wire and venue in one thread on a virtual clock, broken in every
//! way this crate knows, and held to what must never break.
//!
//! The farm, its desk, its journal and the venue are those of every other mode, unchanged. It refuses a fault that no
//! seed ever drew, a checker that trusts the code it checks, and two runs of one seed that differ.

mod checks;
mod disk;
mod front;
mod market;
mod process;
mod run;
mod weather;
mod wire;

pub use checks::Broken;
pub use run::{Outcome, Settings, run, run_traced};
pub use weather::{Fault, Tally, Weather};
