//! The whole farm under one seed: nodes with their seats, disks and clocks, the registry of leases, the wires and the venue in
//! one thread on a virtual clock, broken in every way this crate knows, and held to what must never break.
//!
//! The seats, their journals, the leases and the venue are those of every other mode, unchanged. It refuses a fault that no
//! seed ever drew, a checker that trusts the code it checks, and two runs of one seed that differ.

pub mod bus;
mod cast;
mod checks;
mod clock;
mod company;
mod disk;
mod fault;
mod front;
mod hands;
mod market;
mod node;
mod operator;
mod oracle;
mod readings;
mod run;
mod settings;
mod sharers;
mod shrink;
mod strike;
mod turns;
mod weather;
mod wire;
mod wired;

pub use checks::Broken;
pub use company::{Attended, Company, Ghosts};
pub use fault::{Fault, Tally};
pub use mock_bitget::Generation;
pub use operator::Steering;
pub use run::{run, run_noted, run_traced};
pub use settings::{Bytes, Counter, DAY_MINUTES, Outcome, Sabotage, Settings, Tenancy, Topology};
pub use shrink::{Shrunk, shrink};
pub use strike::{Far, Key, Link, Muted, Strike, Target, Way};
pub use weather::Weather;
pub use wired::Dialect;
