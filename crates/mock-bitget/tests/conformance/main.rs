//! The mock and the adapter check each other, in memory: numbered cases, each on four kinds of account.
#![allow(clippy::unwrap_used)]

mod cases;
mod faults;
mod journal;
mod lockstep;
mod market;
mod quirks;
mod samples;
mod table;
